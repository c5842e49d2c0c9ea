//! A spec as the documentation reads it: the document beside what the generator says of each operation.

use std::path::Path;

use enroll_codegen::Guide;
use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::pointer::escape;
use crate::{providers, root};

pub(crate) struct Spec {
    /// The provider's name.
    pub(crate) name: String,
    pub(crate) root: Value,
    guides: Vec<Guide>,
}

/// An operation, where it stands.
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    /// `POST`.
    pub(crate) http_method: String,
    pub(crate) pointer: String,
    pub(crate) value: &'a Value,
    pub(crate) guide: &'a Guide,
}

/// Every spec, by name.
pub(crate) fn all() -> Result<Vec<Spec>, String> {
    providers()?.iter().map(|name| Spec::load(name)).collect()
}

impl Spec {
    /// The provider that somebody means.
    pub(crate) fn known(wanted: &str) -> Result<Self, String> {
        let names = providers()?;
        match names.iter().find(|name| **name == wanted) {
            Some(name) => Self::load(name),
            None => Err(format!("there is no provider `{wanted}`; there are {}", names.join(", "))),
        }
    }

    fn load(name: &str) -> Result<Self, String> {
        let path = root().join("specs").join(format!("{name}.yaml"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        // As messages show it.
        Self::parse(Path::new(&format!("specs/{name}.yaml")), &text)
    }

    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let root = enroll_codegen::read(path, text).map_err(|error| error.to_string())?;
        let guides = enroll_codegen::guides(path, text).map_err(|error| error.to_string())?;
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        Ok(Self { name, root, guides })
    }

    /// The module and the variable that a client is called by.
    pub(crate) fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    pub(crate) fn title(&self) -> &str {
        text(&self.root["info"]["title"])
    }

    /// The operations in the order of the document.
    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        let mut operations = Vec::new();
        for (path, item) in self.root["paths"].as_object().into_iter().flatten() {
            for (method, value) in item.as_object().into_iter().flatten() {
                let guide = self.guides.iter().find(|guide| value["operationId"] == *guide.id);
                operations.extend(guide.map(|guide| Operation {
                    path,
                    http_method: method.to_uppercase(),
                    pointer: format!("/paths/{}/{method}", escape(path)),
                    value,
                    guide,
                }));
            }
        }
        operations
    }

    /// The operation that somebody means: `createUser`, `create_user`, `create-user`, or a method of it.
    pub(crate) fn find(&self, wanted: &str) -> Result<Operation<'_>, String> {
        let wanted = wanted.to_snake_case();
        let operations = self.operations();
        let names: Vec<String> = operations.iter().flat_map(|it| it.names()).collect();
        operations.into_iter().find(|it| it.names().contains(&wanted)).ok_or_else(|| {
            let near = names
                .iter()
                .max_by(|a, b| strsim::jaro_winkler(a, &wanted).total_cmp(&strsim::jaro_winkler(b, &wanted)));
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let name = &self.name;
            format!("{name} has no operation `{wanted}`; {near}`cargo xtask docs {name}` lists them")
        })
    }

    /// What a node stands for, and where that is: itself, or what it refers to.
    pub(crate) fn resolve<'a>(&'a self, pointer: &str, node: &'a Value) -> (String, &'a Value) {
        let (mut pointer, mut node) = (pointer.to_owned(), node);
        // The generator has refused circles; a bound costs nothing.
        for _ in 0..64 {
            let Some(target) = node["$ref"].as_str().and_then(|target| target.strip_prefix('#')) else {
                break;
            };
            let Some(found) = self.root.pointer(target) else { break };
            (pointer, node) = (target.to_owned(), found);
        }
        (pointer, node)
    }
}

impl Operation<'_> {
    pub(crate) fn id(&self) -> &str {
        &self.guide.id
    }

    pub(crate) fn summary(&self) -> &str {
        text(&self.value["summary"])
    }

    /// What somebody may call it, in snake case.
    fn names(&self) -> Vec<String> {
        let methods = self.guide.methods.iter().map(|method| method.name.clone());
        std::iter::once(self.guide.id.to_snake_case()).chain(methods).collect()
    }
}

/// A text, or nothing where none stands.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
