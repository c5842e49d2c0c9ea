//! What a flat schema comes to, of the forms that a spec of the house has.

use std::collections::BTreeSet;

use super::flatten::{Flat, Flattener, Node, merged};

/// How many unions within unions are looked into.
const DEEPEST: usize = 12;

#[derive(Clone, Debug)]
pub(super) enum Shape<'a> {
    Any,
    Text,
    Integer,
    Number,
    Boolean,
    /// A vocabulary of texts.
    Words(Vec<&'a str>),
    IntegerOrText,
    List(Option<Node<'a>>),
    OneOrMany(Node<'a>),
    Map(Node<'a>),
    /// An object of which nothing more is known.
    Free,
    /// One with properties. The sets are of properties of which one must be there.
    Object {
        one_of: Vec<Vec<&'a str>>,
    },
}

/// The shape, and what else is said, with the unions resolved into it.
pub(super) fn shape<'a>(
    flattener: &mut Flattener<'a>,
    node: &Node<'a>,
) -> Result<(Shape<'a>, Flat<'a>), String> {
    let flat = flattener.flatten(node)?;
    of_flat(flattener, flat, 0)
}

fn of_flat<'a>(
    flattener: &mut Flattener<'a>,
    mut flat: Flat<'a>,
    depth: usize,
) -> Result<(Shape<'a>, Flat<'a>), String> {
    let unions = std::mem::take(&mut flat.unions);
    let had_unions = !unions.is_empty();
    let mut one_of = Vec::new();
    let mut united: Option<Shape<'a>> = None;
    for branches in unions {
        if depth >= DEEPEST {
            united = Some(Shape::Any);
            break;
        }
        let mut members = Vec::new();
        let mut requirements = Vec::new();
        let count = branches.len();
        for node in &branches {
            let branch = flattener.flatten(node)?;
            if branch.types.as_ref().is_some_and(BTreeSet::is_empty) && branch.nullable {
                flat.nullable = true;
                continue;
            }
            let only_required = {
                let mut rest = branch.clone();
                let required = std::mem::take(&mut rest.required);
                rest.types = None;
                !required.is_empty() && rest.is_bare()
            };
            if only_required {
                requirements.push(branch.required.clone());
                continue;
            }
            members.push((node, branch));
        }
        if requirements.len() == count && !flat.properties.is_empty() {
            let known = |name: &&str| flat.properties.iter().any(|(known, _)| known == name);
            if requirements.iter().flatten().all(known) {
                one_of = requirements;
            }
            continue;
        }
        match members.len() {
            0 => continue,
            1 => {
                let (_, branch) = members.remove(0);
                // It may bring unions of its own.
                let (inner, branch) = of_flat(flattener, branch, depth + 1)?;
                if matches!(inner, Shape::Object { .. }) || flat.is_bare() {
                    let reference = if flat.is_bare() { branch.reference.clone() } else { None };
                    flat = merged(flat, branch);
                    flat.reference = reference;
                }
                if !matches!(inner, Shape::Object { .. }) {
                    united = Some(inner);
                }
            }
            _ => {
                let mut shapes = Vec::new();
                for (node, branch) in members {
                    let (shape, branch) = of_flat(flattener, branch, depth + 1)?;
                    shapes.push((node.clone(), shape, branch));
                }
                flat.reference = flat.reference.take();
                united = Some(unite(&mut flat, shapes));
            }
        }
    }
    let shape = match united {
        Some(Shape::Object { .. }) => Shape::Object { one_of },
        Some(shape) if flat.properties.is_empty() => shape,
        _ => plain(&mut flat, one_of, had_unions),
    };
    Ok((shape, flat))
}

/// The shape of a schema without unions.
fn plain<'a>(flat: &mut Flat<'a>, one_of: Vec<Vec<&'a str>>, had_unions: bool) -> Shape<'a> {
    let types: Vec<&str> = flat.types.iter().flatten().copied().collect();
    match types.as_slice() {
        _ if !flat.properties.is_empty() && (types.is_empty() || types == ["object"]) => {
            Shape::Object { one_of }
        }
        ["object"] => match flat.additional.clone() {
            Some(node) => Shape::Map(node),
            None => Shape::Free,
        },
        ["array"] => Shape::List(flat.items.clone()),
        ["string"] => match flat.words.as_ref() {
            Some(words) if words.iter().all(|word| word.is_string()) => {
                Shape::Words(words.iter().filter_map(|word| word.as_str()).collect())
            }
            _ => Shape::Text,
        },
        ["integer"] => Shape::Integer,
        ["number"] | ["integer", "number"] => Shape::Number,
        ["boolean"] => Shape::Boolean,
        ["integer", "string"] => Shape::IntegerOrText,
        [] => Shape::Any,
        several => {
            if !had_unions {
                flat.notes.push(format!(
                    "The document allows {}, so that any JSON is taken.",
                    several.join(" and ")
                ));
            }
            Shape::Any
        }
    }
}

/// One of several schemas as one that takes all of them.
fn unite<'a>(flat: &mut Flat<'a>, members: Vec<(Node<'a>, Shape<'a>, Flat<'a>)>) -> Shape<'a> {
    flat.nullable |= members.iter().any(|(_, _, branch)| branch.nullable);
    let all = |test: fn(&Shape<'a>) -> bool| members.iter().all(|(_, shape, _)| test(shape));
    if all(|shape| matches!(shape, Shape::Object { .. })) {
        return unite_objects(flat, members);
    }
    if all(|shape| matches!(shape, Shape::Text | Shape::Words(_))) {
        let mut words: Vec<&'a str> = Vec::new();
        for (_, shape, branch) in &members {
            match shape {
                Shape::Words(more) => {
                    for word in more {
                        if !words.contains(word) {
                            words.push(word);
                        }
                    }
                }
                _ if flat.format.is_none() && members.len() == 1 => flat.format = branch.format,
                _ => {}
            }
        }
        return if words.is_empty() { Shape::Text } else { Shape::Words(words) };
    }
    if all(|shape| matches!(shape, Shape::Integer)) {
        return Shape::Integer;
    }
    if all(|shape| matches!(shape, Shape::Integer | Shape::Number)) {
        return Shape::Number;
    }
    if all(|shape| matches!(shape, Shape::Boolean)) {
        return Shape::Boolean;
    }
    if all(|shape| matches!(shape, Shape::Integer | Shape::Text | Shape::Words(_) | Shape::IntegerOrText)) {
        return Shape::IntegerOrText;
    }
    if all(|shape| matches!(shape, Shape::List(Some(_)))) {
        let nodes = members.iter().filter_map(|(_, shape, _)| match shape {
            Shape::List(item) => item.clone(),
            _ => None,
        });
        return Shape::List(Some(Node::Any(nodes.collect())));
    }
    if all(|shape| matches!(shape, Shape::List(_))) {
        return Shape::List(None);
    }
    if let [(node, one, of_one), (_, Shape::List(Some(item)), _)]
    | [(_, Shape::List(Some(item)), _), (node, one, of_one)] = members.as_slice()
    {
        let same = of_one.reference.as_deref().is_some_and(|reference| refers_to(item, reference));
        if same && matches!(one, Shape::Object { .. }) || matches!(one, Shape::Text) && is_text(item) {
            return Shape::OneOrMany(node.clone());
        }
    }
    if all(|shape| matches!(shape, Shape::Object { .. } | Shape::Free | Shape::Map(_))) {
        flat.notes.push(
            "The document allows objects of several kinds, one of them with any properties.".to_owned(),
        );
        return Shape::Free;
    }
    flat.notes.push(format!(
        "The document allows {}, so that any JSON is taken.",
        members
            .iter()
            .map(|(_, shape, _)| word(shape))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(", ")
    ));
    Shape::Any
}

/// One object with the properties of all: nothing that one of them has is lost.
fn unite_objects<'a>(flat: &mut Flat<'a>, members: Vec<(Node<'a>, Shape<'a>, Flat<'a>)>) -> Shape<'a> {
    let count = members.len();
    let names: Vec<String> = members
        .iter()
        .filter_map(|(_, _, branch)| branch.reference.as_deref())
        .filter_map(|reference| reference.rsplit('/').next())
        .map(str::to_owned)
        .collect();
    if count > 1 {
        let kinds = if names.len() == count && count <= 8 {
            format!(" ({})", names.join(", "))
        } else {
            String::new()
        };
        flat.notes.push(format!(
            "The document allows one of {count} kinds of object{kinds}; here it is one with the properties of all."
        ));
    }
    let mut united: Vec<(&'a str, Vec<Node<'a>>)> = Vec::new();
    let mut required: Option<Vec<&'a str>> = None;
    for (_, _, branch) in &members {
        for (name, node) in &branch.properties {
            match united.iter_mut().find(|(known, _)| known == name) {
                Some((_, nodes)) => nodes.push(node.clone()),
                None => united.push((name, vec![node.clone()])),
            }
        }
        required = Some(match required {
            None => branch.required.clone(),
            Some(required) => required.into_iter().filter(|name| branch.required.contains(name)).collect(),
        });
    }
    for (name, mut nodes) in united {
        let node = if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) };
        match flat.properties.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = Node::All(vec![known.clone(), node]),
            None => flat.properties.push((name, node)),
        }
    }
    for name in required.into_iter().flatten() {
        if !flat.required.contains(&name) {
            flat.required.push(name);
        }
    }
    let identities =
        members.iter().map(|(_, _, branch)| branch.identity.iter().cloned().collect::<Vec<_>>().join(" "));
    flat.identity.insert(format!(
        "one of {}",
        identities.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
    ));
    flat.types = Some(BTreeSet::from(["object"]));
    Shape::Object { one_of: Vec::new() }
}

fn refers_to(node: &Node<'_>, reference: &str) -> bool {
    matches!(node, Node::One(value, _) if value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) == Some(reference))
}

fn is_text(node: &Node<'_>) -> bool {
    matches!(node, Node::One(value, _) if value["type"] == "string" && value.get("enum").is_none())
}

fn word(shape: &Shape<'_>) -> &'static str {
    match shape {
        Shape::Any => "anything",
        Shape::Text | Shape::Words(_) => "a text",
        Shape::Integer | Shape::Number => "a number",
        Shape::IntegerOrText => "a number or a text",
        Shape::Boolean => "true or false",
        Shape::List(_) => "a list",
        Shape::OneOrMany(_) => "one or several",
        Shape::Map(_) | Shape::Free | Shape::Object { .. } => "an object",
    }
}
