//! The details of a DigiPay user: what a registration and an update may say, and which of it may be printed.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::redact::Redacted;

/// What is known of a user, by the names on the wire.
///
/// `Debug` shows the numbers and identifiers that say nothing about a person, and a placeholder for everything else.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the provider's own, and its spec describes each of them")]
pub struct Details {
    pub dial_code: Option<String>,
    pub phone_number: Option<String>,
    pub user_type: Option<i64>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub account_number_prefix: Option<String>,
    pub password: Option<String>,
    pub email: Option<String>,
    pub login_pin: Option<String>,
    pub transaction_pin: Option<String>,
    pub status_id: Option<i64>,
    pub birth_date: Option<i64>,
    pub image: Option<String>,
    pub kyc_status: Option<i64>,
    pub country_id: Option<String>,
    /// An integer, or a string, which should be one of digits.
    pub kyc_process_status: Option<Value>,
    /// A string when it was given by the registration.
    pub location_point: Option<Value>,
    pub device_type: Option<i64>,
    pub device_id: Option<String>,
    pub parent_user_id: Option<String>,
    pub device_unique_id: Option<String>,
    pub referral_code: Option<String>,
    /// Misspelt on the wire.
    #[serde(rename = "cretaed_by")]
    pub created_by: Option<String>,

    // An update may say these as well.
    pub role_id: Option<String>,
    pub device_info: Option<Value>,
    pub verification: Option<Value>,
    pub rating: Option<f64>,
    pub account_number: Option<String>,
    pub display_name: Option<String>,
    pub kyc_status_id: Option<String>,
}

const SECRET: &[&str] = &["password", "login_pin", "transaction_pin"];

/// What may be printed. A list of what may not be would leak the next field that somebody adds.
const PRINTABLE: &[&str] = &[
    "user_type",
    "account_number_prefix",
    "status_id",
    "kyc_status",
    "kyc_process_status",
    "country_id",
    "device_type",
    "parent_user_id",
    "cretaed_by",
    "role_id",
    "kyc_status_id",
];

impl Details {
    /// These details with those of a body laid over them; nothing if one of them has a wrong type.
    ///
    /// A value that is null, or a name that is not known, changes nothing.
    pub(super) fn merged(&self, body: &Map<String, Value>) -> Option<Self> {
        let mut all = self.to_map();
        all.extend(
            body.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        let merged: Self = serde_json::from_value(Value::Object(all)).ok()?;
        let step_is_right = merged.kyc_process_status.as_ref().is_none_or(|it| it.is_i64() || it.is_string());
        step_is_right.then_some(merged)
    }

    pub(super) fn kyc_step(&self) -> Option<i64> {
        match self.kyc_process_status.as_ref()? {
            Value::String(digits) => digits.parse().ok(),
            number => number.as_i64(),
        }
    }

    /// Whether a text occurs in a name, the e-mail address or the phone number, whatever its case.
    pub(super) fn mentions(&self, keyword: &str) -> bool {
        let keyword = keyword.to_lowercase();
        [&self.first_name, &self.last_name, &self.email, &self.phone_number, &self.display_name]
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(&keyword))
    }

    /// The location as reads give it, if it can be understood: the seed's own sample cannot.
    pub(super) fn geo_json(&self) -> Option<Value> {
        let Value::String(text) = self.location_point.as_ref()? else { return self.location_point.clone() };
        let point: Value = serde_json::from_str(text).ok()?;
        let (longitude, latitude) = (point.get("longitude")?.as_f64()?, point.get("latitude")?.as_f64()?);
        Some(json!({ "type": "Point", "coordinates": [longitude, latitude] }))
    }

    fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Details");
        for (name, value) in self.to_map().iter().filter(|(_, value)| !value.is_null()) {
            if PRINTABLE.contains(&name.as_str()) {
                shown.field(name, value);
            } else if SECRET.contains(&name.as_str()) {
                shown.field(name, &Redacted::Secret);
            } else {
                shown.field(name, &Redacted::Personal);
            }
        }
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(body: Value) -> Option<Details> {
        Details::default().merged(body.as_object().unwrap())
    }

    #[test]
    fn wrong_types_are_refused_and_numbers_in_strings_only_where_the_seed_has_one() {
        for wrong in [
            json!({ "user_type": "2" }),
            json!({ "birth_date": 1.5 }),
            json!({ "phone_number": 4155550123_u64 }),
            json!({ "kyc_process_status": true }),
        ] {
            assert_eq!(details(wrong.clone()), None, "{wrong}");
        }
        assert_eq!(details(json!({ "kyc_process_status": "3" })).unwrap().kyc_step(), Some(3));
        assert_eq!(details(json!({ "kyc_process_status": "three" })).unwrap().kyc_step(), None);
    }

    #[test]
    fn an_update_changes_what_it_names_and_null_changes_nothing() {
        let before = details(json!({ "first_name": "Ada", "email": "ada@example.com" })).unwrap();
        let after =
            before.merged(json!({ "first_name": "Augusta", "email": null }).as_object().unwrap()).unwrap();
        assert_eq!(after.first_name.as_deref(), Some("Augusta"));
        assert_eq!(after.email.as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn debug_prints_no_secret_and_no_personal_datum() {
        let planted = details(json!({
            "password": "planted-password", "login_pin": "planted-pin", "transaction_pin": "planted-pin-2",
            "email": "planted@example.com", "phone_number": "planted-phone", "user_type": 2,
        }));
        let shown = format!("{:?}", planted.unwrap());
        assert!(!shown.contains("planted"), "{shown}");
        assert_eq!(shown.matches("[secret]").count(), 3);
        assert_eq!(shown.matches("[personal]").count(), 2);
        assert!(shown.contains("user_type"));
    }

    #[test]
    fn a_location_is_read_as_a_point_if_it_is_well_formed() {
        let location = |text: &str| details(json!({ "location_point": text })).unwrap().geo_json();
        let point = json!({ "type": "Point", "coordinates": [-122.4194, 37.7749] });
        assert_eq!(location(r#"{"latitude": 37.7749, "longitude": -122.4194}"#), Some(point));
        assert_eq!(location(r#"{ ""latitude"": 37.7749, ""longitude"": -122.4194 },"#), None);
    }
}
