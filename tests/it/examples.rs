//! Every example of every spec, the samples of the seed pages among them: it decodes into its type, a request encodes
//! back to the same JSON, and the type's derived JSON Schema accepts it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use serde_json::{Value, json};

use crate::support;

/// An example of a spec, with what is to be tried with it.
struct Example {
    provider: &'static str,
    operation: &'static str,
    /// `request`, or the status.
    place: &'static str,
    name: &'static str,
    rust_type: &'static str,
    json: &'static str,
    round_trip: fn(&str) -> serde_json::Result<Value>,
    /// What `Debug` shows of it, in both forms.
    debug: fn(&str) -> serde_json::Result<String>,
    schema: fn() -> Value,
}

impl Example {
    fn of<T>(
        provider: &'static str,
        operation: &'static str,
        place: &'static str,
        name: &'static str,
        rust_type: &'static str,
        json: &'static str,
    ) -> Self
    where
        T: serde::de::DeserializeOwned + serde::Serialize + schemars::JsonSchema + std::fmt::Debug,
    {
        Self {
            provider,
            operation,
            place,
            name,
            rust_type,
            json,
            round_trip: |json| serde_json::to_value(serde_json::from_str::<T>(json)?),
            debug: |json| serde_json::from_str::<T>(json).map(|value| format!("{value:?} {value:#?}")),
            schema: || schemars::schema_for!(T).to_value(),
        }
    }

    fn title(&self) -> String {
        format!("{} {} {} {}", self.provider, self.operation, self.place, self.name)
    }

    fn value(&self) -> Value {
        serde_json::from_str(self.json).unwrap()
    }
}

fn examples() -> Vec<Example> {
    include!(concat!(env!("OUT_DIR"), "/examples.rs"))
}

/// Where a request is sent in another form than the example has: the provider's page says integer and shows a string.
const CORRECTED: &[(&str, &str)] = &[("digipay user_register request seed", "/kyc_process_status")];

#[test]
fn every_request_encodes_back_to_the_same_json() {
    let mut seeds = 0;
    for example in examples().iter().filter(|example| example.place == "request") {
        let mut expected = example.value();
        for (title, pointer) in CORRECTED {
            if *title == example.title() {
                let text = expected.pointer(pointer).and_then(Value::as_str).expect("a string to correct");
                let number: i64 = text.parse().unwrap();
                *expected.pointer_mut(pointer).unwrap() = json!(number);
            }
        }
        let encoded = (example.round_trip)(example.json)
            .unwrap_or_else(|error| panic!("{} does not decode: {error}", example.title()));
        assert_eq!(encoded, expected, "{}", example.title());
        seeds += usize::from(example.name.starts_with("seed"));
    }
    assert!(seeds >= 4, "each seed page has a request");
}

#[test]
fn every_answer_decodes_and_keeps_what_the_spec_knows() {
    for example in examples().iter().filter(|example| example.place != "request") {
        let decoded = (example.round_trip)(example.json)
            .unwrap_or_else(|error| panic!("{} does not decode: {error}", example.title()));
        let known = known(&example.value(), spec_schema(example), spec(example.provider));
        assert_eq!(without_nulls(decoded), without_nulls(known), "{}", example.title());
    }
}

#[test]
fn the_derived_schema_accepts_every_example() {
    for example in examples() {
        let schema = (example.schema)();
        let errors: Vec<_> = jsonschema::validator_for(&schema)
            .unwrap_or_else(|error| panic!("{}: {error}", example.title()))
            .iter_errors(&example.value())
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", example.title());
    }
}

#[test]
fn the_derived_schema_is_the_specs() {
    for example in examples() {
        let derived = (example.schema)();
        let spec = spec_schema(&example);
        let names = |schema: &Value| -> Vec<String> {
            let mut names: Vec<_> = schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names(&derived), names(spec), "{}", example.rust_type);
        assert_eq!(derived["required"], spec["required"], "{}", example.rust_type);
        assert_eq!(derived["description"], spec["description"], "{}", example.rust_type);
    }
}

#[test]
fn the_derived_schema_refuses_what_the_spec_does_not_allow() {
    let mut refused = 0;
    for example in examples() {
        let schema = (example.schema)();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut broken = example.value();
            if broken.as_object_mut().unwrap().remove(required).is_some() {
                assert!(!validator.is_valid(&broken), "{} without {required}", example.title());
                refused += 1;
            }
        }
    }
    assert!(refused > 20, "only {refused} examples could be broken");
}

#[test]
fn no_private_value_of_an_example_is_printed() {
    let mut planted = 0;
    for example in examples() {
        let mut value = example.value();
        let count = plant(&mut value, spec_schema(&example), spec(example.provider));
        let Ok(shown) = (example.debug)(&value.to_string()) else {
            panic!("{} does not decode with canaries in it", example.title());
        };
        assert!(!shown.contains(CANARY), "{}: {shown}", example.title());
        let has_placeholder = shown.contains("[personal]") || shown.contains("[secret]");
        assert!(count == 0 || has_placeholder, "{}: {shown}", example.title());
        planted += count;
    }
    assert!(planted > 100, "only {planted} canaries were planted");
}

const CANARY: &str = "canary-4711";

/// Puts a canary in the place of every text that a schema calls private, and counts them.
fn plant(value: &mut Value, schema: &Value, spec: &Value) -> usize {
    let schema = resolve(schema, spec);
    if schema["x-enroll-private"].is_string() && value.is_string() {
        *value = CANARY.into();
        return 1;
    }
    let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|it| schema[it].as_array()).flatten();
    let schemas: Vec<&Value> = parts.map(|part| resolve(part, spec)).chain([schema]).collect();
    match value {
        Value::Object(object) => {
            let property = |name: &str| schemas.iter().find_map(|schema| schema["properties"].get(name));
            let planted =
                object.iter_mut().filter_map(|(name, value)| Some(plant(value, property(name)?, spec)));
            planted.sum()
        }
        Value::Array(items) => {
            let inner = schemas.iter().find(|schema| schema["items"].is_object());
            let Some(inner) = inner.map(|schema| &schema["items"]) else { return 0 };
            items.iter_mut().map(|item| plant(item, inner, spec)).sum()
        }
        _ => 0,
    }
}

fn resolve<'a>(schema: &'a Value, spec: &'a Value) -> &'a Value {
    schema["$ref"].as_str().map_or(schema, |target| spec.pointer(&target[1..]).unwrap())
}

/// The spec, read once for all examples.
fn spec(provider: &'static str) -> &'static Value {
    static SPECS: LazyLock<Mutex<HashMap<&str, &'static Value>>> = LazyLock::new(Mutex::default);
    SPECS.lock().unwrap().entry(provider).or_insert_with(|| Box::leak(Box::new(support::spec(provider))))
}

fn spec_schema(example: &Example) -> &'static Value {
    &spec(example.provider)["components"]["schemas"][example.rust_type]
}

/// The part of a value that its schema describes: what else a provider sends is tolerated and not kept.
fn known(value: &Value, schema: &Value, spec: &Value) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        return known(value, spec.pointer(&target[1..]).unwrap(), spec);
    }
    if schema["anyOf"][1] == json!({"enum": [null]}) {
        return known(value, &schema["anyOf"][0], spec);
    }
    match value {
        Value::Object(object) if schema["properties"].is_object() => object
            .iter()
            .filter_map(|(name, value)| {
                Some((name.clone(), known(value, schema["properties"].get(name)?, spec)))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => {
            let item =
                if schema["items"].is_null() { &schema["oneOf"][1]["items"] } else { &schema["items"] };
            items.iter().map(|value| known(value, item, spec)).collect()
        }
        Value::Object(_) if schema["oneOf"].is_array() => known(value, &schema["oneOf"][0], spec),
        // A text of digits is read as the number it stands for.
        Value::String(text) if schema["anyOf"][0]["type"] == "integer" => {
            text.parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        Value::Number(number) if schema["format"] == "epoch-seconds" => {
            json!(number.as_f64().unwrap() as i64)
        }
        Value::Number(number) if schema["type"] == "number" => json!(number.as_f64().unwrap()),
        other => other.clone(),
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
