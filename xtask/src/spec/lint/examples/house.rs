//! Examples of what the rules of the house refuse.

use super::{Example, row};

pub(super) const EXAMPLES: &[Example] = &[
    row("operation-id", "      operationId: createUser\n", "      operationId: newUser\n"),
    row(
        "tag",
        "      operationId: createUser\n      tags: [users]\n",
        "      operationId: createUser\n      tags: [people]\n",
    ),
    row(
        "ambiguous-path",
        "components:\n  securitySchemes:\n",
        "  /users/{uid}:\n    description: The same path.\n\ncomponents:\n  securitySchemes:\n",
    ),
    row(
        "evidence",
        "          description: How many wallets the user may have.\n          example: 3\n          \
         x-enroll-evidence: {documented: page}\n",
        "          description: How many wallets the user may have.\n          example: 3\n          \
         x-enroll-evidence: {documented: pages}\n",
    ),
    row(
        "correction",
        "              because: The sample on the page is a date.\n",
        "              because: It is.\n",
    ),
    row(
        "source",
        "  page:\n    title: The page on users\n",
        "  blog:\n    title: What they wrote once\n  page:\n    title: The page on users\n",
    ),
    row("privacy", "        limit:\n          type: integer\n", "        pin:\n          type: integer\n"),
    row(
        "description",
        "          description: How many wallets the user may have.\n",
        "          description: ''\n",
    ),
    row(
        "unit",
        "        created_at:\n          type: integer\n          format: epoch-seconds\n          description: When the user was made, in seconds since 1970.\n",
        "        created_at:\n          type: integer\n          format: epoch-seconds\n          description: When the user was made.\n",
    ),
    row(
        "example",
        "        limit:\n          type: integer\n          description: How many wallets the user may have.\n          example: 3\n",
        "        limit:\n          type: integer\n          description: How many wallets the user may have.\n",
    ),
    row("sample", "          example: 3\n", "          example: three\n"),
    row(
        "round-trip",
        "                    id: user-1\n                    email: ada@example.com\n",
        "                    id: user-1\n                    mail: ada@example.com\n",
    ),
    row(
        "minted",
        "                    id: user-1\n                    email: ada@example.com\n",
        "                    id: user-1\n                    email: ada@lovelace.org\n",
    ),
    row(
        "open-object",
        "      description: A user to be made.\n",
        "      description: A user to be made.\n      additionalProperties: false\n",
    ),
    row(
        "open-vocabulary",
        "      anyOf:\n        - type: string\n          enum: [free, paid]\n        - type: string\n",
        "      type: string\n      enum: [free, paid]\n",
    ),
    row(
        "strict-response",
        "          type: string\n          nullable: true\n",
        "          type: string\n          nullable: true\n          minLength: 1\n",
    ),
    row(
        "shared-schema",
        "          description: Words by which the user is found.\n          example: []\n          x-enroll-evidence: {documented: page}\n    User:\n",
        "          description: Words by which the user is found.\n          example: []\n          x-enroll-evidence: {documented: page}\n        friend:\n          $ref: '#/components/schemas/User'\n    User:\n",
    ),
    row(
        "unused-component",
        "    Plan:\n      description: What the user pays for.\n",
        "    Colour:\n      type: string\n      description: A colour.\n    Plan:\n      \
         description: What the user pays for.\n",
    ),
    row("link", "              operationId: getUser\n", "              operationId: readUser\n"),
    row("pointer", "      x-enroll-creates: {id: /id}\n", "      x-enroll-creates: {id: /user_id}\n"),
    row(
        "server-url",
        "  - url: https://{region}.example.com/v1\n",
        "  - url: https://{region}.example.com/v1/\n",
    ),
    row(
        "url",
        "  description: Users of a service that does not exist.\n",
        "  description: Users of a service that does not exist.\n  termsOfService: www.example.com/terms\n",
    ),
    row(
        "media-type",
        "        assumed: The page shows one body, and names no other.\n      content:\n        application/json:\n",
        "        assumed: The page shows one body, and names no other.\n      content:\n        text/plain:\n",
    ),
    row(
        "format",
        "          format: date\n          description: When the user was born.\n",
        "          format: dates\n          description: When the user was born.\n",
    ),
    row(
        "misplaced-keyword",
        "        limit:\n          type: integer\n",
        "        limit:\n          type: integer\n          minLength: 1\n",
    ),
    row(
        "limits",
        "        labels:\n          type: array\n          items: {type: string}\n",
        "        labels:\n          type: array\n          items: {type: string, minLength: 4, maxLength: 2}\n",
    ),
    row(
        "default",
        "        limit:\n          type: integer\n",
        "        limit:\n          type: integer\n          default: many\n",
    ),
    row(
        "duplicate",
        "      description: A user to be made.\n      required: [email]\n",
        "      description: A user to be made.\n      required: [email, email]\n",
    ),
];
