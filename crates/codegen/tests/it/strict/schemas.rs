//! Schemas and references.

use std::path::Path;

use enroll_codegen::generate_from_text;

use super::{body, property, refused, replace, schemas};

#[test]
fn a_reference_must_lead_to_a_thing_of_its_kind() {
    refused(
        body("schema: {$ref: '#/components/schemas/Usr'}"),
        &["30:22 /paths/~1users~1{id}/put/requestBody/content/application~1json/schema/$ref: $ref \
            `#/components/schemas/Usr` leads nowhere; it must begin with `#/components/`"],
    );
    refused(
        property("{$ref: 'other.yaml#/Country'}"),
        &["60:19 /components/schemas/User/properties/country/$ref: a $ref to a schema is written \
            `#/components/schemas/NAME`"],
    );
    refused(
        property("{$ref: '#/components/responses/Ok'}"),
        &["60:19 /components/schemas/User/properties/country/$ref: a $ref to a schema is written \
            `#/components/schemas/NAME`"],
    );
    refused(
        property("{$ref: '#/components/schemas/User/properties/email'}"),
        &["60:19 /components/schemas/User/properties/country/$ref: a $ref to a schema is written \
            `#/components/schemas/NAME`"],
    );
    refused(
        property("{$ref: 5}"),
        &["60:19 /components/schemas/User/properties/country/$ref: a $ref to a schema is written \
            `#/components/schemas/NAME`"],
    );
    refused(
        replace("'200': {$ref: '#/components/responses/Ok'}", "'200': {$ref: '#/components/schemas/User'}"),
        &["34:17 /paths/~1users~1{id}/put/responses/200/$ref: a $ref to a response is written \
            `#/components/responses/NAME`"],
    );
}

#[test]
fn a_reference_that_never_arrives_is_refused() {
    refused(
        schemas("    Country: {$ref: '#/components/schemas/Country'}\n"),
        &[
            "60:19 /components/schemas/User/properties/country/$ref: $ref goes round in a circle",
            "61:15 /components/schemas/Country/$ref: $ref goes round in a circle",
        ],
    );
    refused(
        schemas(
            "    Country: {$ref: '#/components/schemas/Land'}\n    Land: {$ref: '#/components/schemas/Country'}\n",
        ),
        &[
            "60:19 /components/schemas/User/properties/country/$ref: $ref goes round in a circle",
            "61:15 /components/schemas/Country/$ref: $ref goes round in a circle",
            "62:12 /components/schemas/Land/$ref: $ref goes round in a circle",
        ],
    );
    refused(
        schemas("    Country: {type: array, items: {$ref: '#/components/schemas/Country'}}\n"),
        &["61:5 /components/schemas/Country: holds itself; put an object with `properties` in between"],
    );
}

#[test]
fn a_reference_has_no_siblings() {
    refused(
        replace("'#/components/schemas/Country'}", "'#/components/schemas/Country', nullable: true}"),
        &["60:9 /components/schemas/User/properties/country: a $ref has no siblings; move them to what \
            it refers to"],
    );
    refused(
        replace("'#/components/responses/Ok'}", "'#/components/responses/Ok', description: Twice.}"),
        &["34:9 /paths/~1users~1{id}/put/responses/200: a $ref has no siblings; move them to what it \
            refers to"],
    );
}

#[test]
fn an_object_or_an_enum_has_a_name() {
    refused(
        property("{type: object, properties: {code: {type: string}}}"),
        &["60:9 /components/schemas/User/properties/country: is too much for an inline schema; give it a \
            name under components/schemas and use a $ref"],
    );
    refused(
        property("{type: string, enum: [NO, SE]}"),
        &["60:9 /components/schemas/User/properties/country: is too much for an inline schema; give it a \
            name under components/schemas and use a $ref"],
    );
    refused(
        property("{type: array, items: {type: object, properties: {code: {type: string}}}}"),
        &["60:32 /components/schemas/User/properties/country/items: is too much for an inline schema; \
            give it a name under components/schemas and use a $ref"],
    );
    refused(
        schemas(
            "    Country: {oneOf: [{$ref: '#/components/schemas/User'}, {type: object, properties: {a: {}}}]}\n",
        ),
        &["61:60 /components/schemas/Country/oneOf/1: is too much for an inline schema; give it a name \
            under components/schemas and use a $ref"],
    );
}

#[test]
fn what_would_be_lost_in_a_schema_is_refused() {
    refused(
        schemas("    Country: {type: object, properties: {}}\n"),
        &[
            "61:29 /components/schemas/Country/properties: are none; leave the key out, which makes it an object with \
           any properties",
        ],
    );
    refused(
        replace("      required: [email]", "      allOf: [{$ref: '#/components/schemas/Country'}]"),
        &["56:7 /components/schemas/User/allOf: cannot stand beside `properties`; write all properties \
            out in one object"],
    );
    refused(
        schemas("    Country: {allOf: [{$ref: '#/components/schemas/User'}, {type: object}]}\n"),
        &[
            "61:23 /components/schemas/Country/allOf/0: cannot be merged with what stands beside it; write \
            one object with all properties",
            "61:60 /components/schemas/Country/allOf/1: cannot be merged with what stands beside it; write \
            one object with all properties",
        ],
    );
    refused(
        property("{allOf: [{$ref: '#/components/schemas/Country'}, {type: string}]}"),
        &["60:9 /components/schemas/User/properties/country: is too much for an inline schema; give it a \
            name under components/schemas and use a $ref"],
    );
    refused(
        replace("      required: [email]", "      anyOf: [{required: [emial]}]"),
        &["56:15 /components/schemas/User/anyOf/0: must be `required` with names of properties, and \
            nothing else"],
    );
    refused(
        replace("      required: [email]", "      required: [emial]"),
        &["56:7 /components/schemas/User/required: `emial` is required but no property; add it or \
            correct the name"],
    );
    refused(
        property("{items: {type: string}}"),
        &["60:9 /components/schemas/User/properties/country: has `items` but no `type`; add it"],
    );
    refused(
        property("{type: array}"),
        &["60:9 /components/schemas/User/properties/country: an array needs `items`"],
    );
    refused(
        property("{type: text}"),
        &["60:19 /components/schemas/User/properties/country/type: must be one of string, integer, \
            number, boolean, array and object"],
    );
    refused(
        replace("[NO, SE]", "[NO, 1]"),
        &["61:5 /components/schemas/Country: an enum has `type: string` and texts as values; put them in \
            quotes"],
    );
    refused(
        replace("[NO, SE]", "[]"),
        &["61:5 /components/schemas/Country: an enum has `type: string` and texts as values; put them in \
            quotes"],
    );
}

/// Other readers take such a schema for nullable or not, each as it likes.
#[test]
fn nullable_stands_beside_a_type() {
    for schema in [
        "{nullable: true, allOf: [{$ref: '#/components/schemas/Country'}]}",
        "{nullable: true, anyOf: [{type: integer}, {type: string}]}",
        "{nullable: true}",
    ] {
        refused(
            property(schema),
            &["60:19 /components/schemas/User/properties/country/nullable: says nothing without a `type` \
                beside it; write null as one more branch: `anyOf: [{$ref: …}, {enum: [null]}]`"],
        );
    }
    refused(
        property("{anyOf: [{enum: [null]}, {$ref: '#/components/schemas/Country'}]}"),
        &["60:9 /components/schemas/User/properties/country: is too much for an inline schema; give it a \
            name under components/schemas and use a $ref"],
    );
}

#[test]
fn null_as_a_branch_is_as_good_as_nullable() {
    // How a property that must be there is kept: as it is, or as an option.
    let kept = |schema: &str| {
        let spec = property(schema).replacen("required: [email]", "required: [email, country]", 1);
        let client = generate_from_text(Path::new("specs/x.yaml"), &spec).unwrap().client;
        client.lines().find_map(|line| line.trim().strip_prefix("pub country: ").map(str::to_owned)).unwrap()
    };
    let option = |ty: &str| format!("::std::option::Option<{ty}>,");
    assert_eq!(kept("{type: string}"), "::std::string::String,");
    assert_eq!(kept("{type: string, nullable: true}"), option("::std::string::String"));
    for (schema, ty) in [
        ("{type: string}", "::std::string::String"),
        ("{$ref: '#/components/schemas/Country'}", "types::Country"),
        ("{type: integer}, {type: string}", "::enroll_core::IntegerOrString"),
    ] {
        assert_eq!(kept(&format!("{{anyOf: [{schema}, {{enum: [null]}}]}}")), option(ty));
    }
}

/// A reader of the spec must be told of both bodies, and the generator which is which.
#[test]
fn a_failure_inside_a_success_is_one_of_two_bodies() {
    let both = "anyOf: [{$ref: '#/components/schemas/User'}, {$ref: '#/components/schemas/User'}]";
    for one in ["$ref: '#/components/schemas/User'", "anyOf: [{$ref: '#/components/schemas/User'}]"] {
        refused(
            replace(both, one),
            &["43:7 /components/responses/Ok/x-enroll-failure: needs a body that is either the answer or \
                the failure: `schema: {anyOf: [{$ref: …}, {$ref: …}]}`"],
        );
    }
}

/// `nullable: yes` would otherwise say nothing.
#[test]
fn a_value_of_another_kind_is_not_taken_for_a_default() {
    refused(
        replace("minLength: 3", "nullable: yes"),
        &["58:31 /components/schemas/User/properties/email/nullable: must be true or false"],
    );
    refused(
        replace("minLength: 3", "minLength: three"),
        &["58:31 /components/schemas/User/properties/email/minLength: must be a whole number, and not \
            negative"],
    );
    refused(
        replace("minLength: 3", "minLength: -1"),
        &["58:31 /components/schemas/User/properties/email/minLength: must be a whole number, and not \
            negative"],
    );
    refused(
        replace("minLength: 3", "maximum: 3 apples"),
        &["58:31 /components/schemas/User/properties/email/maximum: must be a number"],
    );
    refused(replace("version: '1'", "version: 1"), &["2:18 /info/version: must be a text; put it in quotes"]);
    refused(
        replace("path, required: true", "path, required: on"),
        &["26:32 /paths/~1users~1{id}/put/parameters/0/required: must be true or false"],
    );
    refused(
        replace("      required: [email]", "      required: email"),
        &["56:7 /components/schemas/User/required: must be a list"],
    );
    refused(
        replace("minLength: 3", "x-enroll-private: hush"),
        &["58:31 /components/schemas/User/properties/email/x-enroll-private: must be `secret` or \
            `personal`"],
    );
    refused(
        replace("environment: test", "default: on"),
        &["12:5 /servers/0/x-enroll-default: must be true or false"],
    );
    refused(
        replace("[{pointer: /message, equals: taken}]", "{pointer: /message, equals: taken}"),
        &["38:11 /paths/~1users~1{id}/put/responses/400/x-enroll-exists: must be a list"],
    );
}

#[test]
fn a_pattern_must_be_one_that_can_be_checked() {
    refused(
        replace("'^[a-z]+$'", "'(?=a)'"),
        &["59:34 /components/schemas/User/properties/nickname/pattern: is no pattern that can be \
            checked; write it without look-around"],
    );
    refused(
        replace("'^[a-z]+$'", "'['"),
        &["59:34 /components/schemas/User/properties/nickname/pattern: is no pattern that can be \
            checked; write it without look-around"],
    );
}
