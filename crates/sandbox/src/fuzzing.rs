//! What the fuzzer in `fuzz/` calls: compiled for it and for tests only. What it finds becomes a test below.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::SPECS;
use crate::contract::{Contract, Request, Route};

/// Stands for a private value. It is no plain identifier, so that it may be repeated as a name neither.
pub(crate) const CANARY: &str = "c@nary";

static CONTRACTS: LazyLock<Vec<Contract>> = LazyLock::new(|| {
    let read =
        |(name, spec): &(&str, &str)| Contract::read(spec).unwrap_or_else(|error| panic!("{name}: {error}"));
    SPECS.iter().map(read).collect()
});

/// Judges a request by every contract, as it is and with a canary in it, and panics when something is wrong with the
/// judgement.
///
/// The first two bytes say where the canary goes. The rest is the request: the method, a space, the path and query, a line
/// for each header, an empty line, the body.
pub fn request(data: &[u8]) {
    let Some((position, text)) = data.split_first_chunk::<2>() else { return };
    judge(text);
    let position = usize::from(u16::from_le_bytes(*position)) % (text.len() + 1);
    let mut planted = text.to_vec();
    planted.splice(position..position, CANARY.bytes());
    judge(&planted);
}

fn judge(text: &[u8]) {
    let call = Call::parse(text);
    for contract in CONTRACTS.iter() {
        let Route::Found { operation, parameters } = contract.route(&call.method, &call.path) else {
            continue;
        };
        let request = Request {
            headers: &call.headers,
            query: call.query.as_deref(),
            path: &parameters,
            body: &call.body,
        };
        let violations = operation.check(&request);
        assert_eq!(violations, operation.check(&request), "the same request is judged alike");
        let of_the_answer = operation.check_answer(200, &call.headers, &*call.body);
        for violation in violations.iter().chain(&of_the_answer) {
            let shown = format!("{violation} {violation:?}");
            assert!(!shown.contains(CANARY), "a violation repeats what it was given: {shown}");
        }
    }
}

/// A request as it is read from the fuzzer's bytes. What no server would let through is dropped.
struct Call {
    method: String,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Call {
    fn parse(text: &[u8]) -> Self {
        let split = text.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = split.map_or((text, &[][..]), |at| (&text[..at], &text[at + 2..]));
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split('\n');
        let first = lines.next().unwrap_or_default();
        let (method, target) = first.split_once(' ').unwrap_or((first, ""));
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let headers = lines.filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
        });
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name, value);
        }
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers: all,
            body: body.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::examples;

    /// What the fuzzer begins with: the examples of the specs.
    fn seeds() -> Vec<(String, Vec<u8>)> {
        let mut seeds = Vec::new();
        for (provider, spec) in SPECS {
            for example in examples::of(spec).unwrap() {
                let mut seed = format!("\0\0{} {}\n", example.method, example.target).into_bytes();
                for (name, value) in &example.headers {
                    seed.extend_from_slice(format!("{name}: {}\n", value.to_str().unwrap()).as_bytes());
                }
                seed.push(b'\n');
                seed.extend_from_slice(&example.body);
                let status = example.status.as_deref().unwrap_or("request");
                let name = format!("{provider}-{}-{status}-{}", example.operation, example.name);
                seeds.push((name, seed));
            }
        }
        seeds
    }

    #[test]
    fn the_seeds_pass_with_a_canary_in_each_place() {
        let seeds = seeds();
        assert!(seeds.len() > 50, "only {} seeds were found", seeds.len());
        for (_, mut seed) in seeds {
            for position in (0..seed.len()).step_by(7) {
                seed[..2].copy_from_slice(&u16::try_from(position).unwrap().to_le_bytes());
                request(&seed);
            }
        }
    }

    /// Anybody who fuzzes names a folder for them, and everybody else has them written somewhere once and read again.
    #[test]
    fn the_seeds_are_files_for_the_fuzzer() {
        let elsewhere = std::env::temp_dir().join(format!("enroll-seeds-{}", std::process::id()));
        let named = std::env::var_os("ENROLL_FUZZ_SEEDS").map(std::path::PathBuf::from);
        let folder = named.clone().unwrap_or_else(|| elsewhere.clone());
        std::fs::create_dir_all(&folder).unwrap();
        let seeds = seeds();
        for (name, seed) in &seeds {
            std::fs::write(folder.join(name), seed).unwrap();
            assert_eq!(&std::fs::read(folder.join(name)).unwrap(), seed, "two seeds have one name");
        }
        assert!(std::fs::read_dir(&folder).unwrap().count() >= seeds.len(), "two seeds have one name");
        if named.is_none() {
            std::fs::remove_dir_all(elsewhere).unwrap();
        }
    }
}
