//! Examples of what the generator refuses.

use super::{Example, row};

pub(super) const EXAMPLES: &[Example] = &[
    row("yaml", "  title: Example\n", "  title: *Example\n"),
    row("duplicate-key", "  title: Example\n", "  title: Example\n  title: Another\n"),
    row(
        "unknown-key",
        "      description: A user to be made.\n      required: [email]\n",
        "      description: A user to be made.\n      requried: [email]\n",
    ),
    row("wrong-kind", "    x-enroll-default: true\n", "    x-enroll-default: yes\n"),
    row("missing-key", "    Failed:\n      description: The call failed.\n", "    Failed:\n"),
    row("version", "openapi: 3.0.3\n", "openapi: 3.1.0\n"),
    row(
        "reference",
        "        plan:\n          $ref: '#/components/schemas/Plan'\n",
        "        plan:\n          $ref: '#/components/schemas/Plan'\n          description: What the user pays for.\n",
    ),
    row(
        "nullable",
        "    Plan:\n      description: What the user pays for.\n",
        "    Plan:\n      nullable: true\n      description: What the user pays for.\n",
    ),
    row(
        "server",
        "  - url: https://{region}.example.com/v1\n    description: Where the service runs.\n    x-enroll-environment: production\n",
        "  - url: https://{region}.example.com/v1\n    description: Where the service runs.\n",
    ),
    row("path", "  /users:\n", "  /users?all=true:\n"),
    row(
        "parameter",
        "        - name: id\n          in: path\n          required: true\n",
        "        - name: id\n          in: path\n          required: false\n",
    ),
    row(
        "request-body",
        "      requestBody:\n        description: Who the user is.\n        required: true\n",
        "      requestBody:\n        description: Who the user is.\n",
    ),
    row("response", "        '409':\n", "        '4O9':\n"),
    row(
        "replay",
        "        class: keyed\n        keys: [email]\n",
        "        class: keyed\n        keys: [mail]\n",
    ),
    row("lookup", "        operation: findUser\n", "        operation: findUsers\n"),
    row(
        "derived-method",
        "      x-enroll-aliases:\n        getUserByEmail: {requires: [email], ",
        "      x-enroll-aliases:\n        getUserByEmail: {requires: [mail], ",
    ),
    row(
        "credentials",
        "      x-enroll-recipe: {static: 'Bearer {token}'}\n",
        "      x-enroll-recipe: {static: 'Bearer {token} {realm}'}\n",
    ),
    row(
        "security",
        "    token:\n      type: http\n      scheme: bearer\n",
        "    token:\n      type: apiKey\n      in: query\n      name: token\n",
    ),
    row("rust-name", "        wallets:\n          type: array\n", "        new:\n          type: array\n"),
    row(
        "inline-schema",
        "        wallets:\n          type: array\n          items: {type: string}\n",
        "        wallets:\n          type: array\n          items: {anyOf: [{type: string, enum: [main]}, {type: string}]}\n",
    ),
    row(
        "schema",
        "        wallets:\n          type: array\n          items: {type: string}\n",
        "        wallets:\n          type: array\n",
    ),
    row(
        "required-property",
        "      description: A user to be made.\n      required: [email]\n",
        "      description: A user to be made.\n      required: [email, mail]\n",
    ),
    row(
        "composition",
        "      description: A user to be made.\n      required: [email]\n",
        "      description: A user to be made.\n      required: [email]\n      oneOf:\n        - required: [email]\n",
    ),
    row(
        "enum",
        "    Plan:\n      description: What the user pays for.\n      example: free\n      x-enroll-evidence: {documented: page}\n      anyOf:\n        - type: string\n          enum: [free, paid]\n",
        "    Plan:\n      description: What the user pays for.\n      example: free\n      x-enroll-evidence: {documented: page}\n      anyOf:\n        - type: string\n          enum: [free, paid, Paid]\n",
    ),
    row(
        "pattern",
        "          format: email\n          description: The e-mail address.\n",
        "          format: email\n          pattern: '(?=.*@).*'\n          description: The e-mail address.\n",
    ),
    row("private", "          example: 3\n", "          example: 3\n          x-enroll-private: secret\n"),
];
