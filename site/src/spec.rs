//! The specs as this program uses them: operations with their parameters, bodies and answers. Nothing is checked here:
//! a spec that is wrong has stopped the build.

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// How deep schemas are looked into, since they may hold themselves.
const DEEPEST: usize = 64;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// All of them, in alphabetical order.
pub(crate) static SPECS: LazyLock<Vec<Spec>> = LazyLock::new(|| {
    let documents: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/documents.rs"));
    let read = |(name, text): &(&'static str, &str)| Spec {
        name,
        // The build script has written it.
        document: serde_json::from_str(text).unwrap_or_default(),
    };
    documents.iter().map(read).collect()
});

/// The spec of a provider.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) document: Value,
}

/// An operation of a spec.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) value: &'a Value,
    /// What all operations of the path have.
    common: &'a Value,
}

pub(crate) fn spec(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.name == name)
}

impl Spec {
    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        members(&self.document["paths"]).flat_map(move |(path, item)| {
            members(item)
                .filter(|(method, _)| METHODS.contains(method))
                .map(move |(method, value)| Operation { spec: self, path, method, value, common: item })
        })
    }

    pub(crate) fn operation(&self, id: &str) -> Option<Operation<'_>> {
        self.operations().find(|operation| operation.id() == id)
    }

    /// What a reference stands for; anything else stands for itself.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..DEEPEST {
            let target = value["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
            match target.and_then(|target| self.document.pointer(target)) {
                Some(target) => value = target,
                None => break,
            }
        }
        value
    }

    /// The schemas that speak of one value: a schema with all its branches.
    pub(crate) fn branches<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let mut found = Vec::new();
        let mut open = vec![(schema, 0)];
        while let Some((schema, depth)) = open.pop() {
            let schema = self.resolve(schema);
            found.push(schema);
            if depth < DEEPEST && found.len() < 1_000 {
                let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array());
                open.extend(parts.flatten().map(|part| (part, depth + 1)));
            }
        }
        found
    }
}

impl<'a> Operation<'a> {
    pub(crate) fn id(&self) -> &'a str {
        self.value["operationId"].as_str().unwrap_or_default()
    }

    pub(crate) fn creates(&self) -> bool {
        self.value.get("x-enroll-creates").is_some()
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'a Value> {
        let spec = self.spec;
        let lists = [&self.common["parameters"], &self.value["parameters"]];
        lists.into_iter().filter_map(Value::as_array).flatten().map(|parameter| spec.resolve(parameter))
    }

    /// The media type of the request's body, and what is said of it.
    pub(crate) fn body(&self) -> Option<(&'a str, &'a Value)> {
        members(&self.spec.resolve(&self.value["requestBody"])["content"]).next()
    }

    /// The statuses as the document writes them, with the answers.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let spec = self.spec;
        members(&self.value["responses"]).map(|(status, answer)| (status, spec.resolve(answer)))
    }

    /// What is documented of a status: by itself, by its hundred, or by all others.
    pub(crate) fn answer(&self, status: u16) -> Option<&'a Value> {
        let named = |name: &str| self.answers().find(|(status, _)| *status == name).map(|(_, answer)| answer);
        named(&status.to_string())
            .or_else(|| named(&format!("{}XX", status / 100)))
            .or_else(|| named("default"))
    }
}

/// The members of an object; none of anything else.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}
