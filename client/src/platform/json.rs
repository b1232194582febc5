//! What browsers make of JSON, as Rust values, and back.
//!
//! Reading leaves the text to the browser's own `JSON.parse`: a reader of our own, with what it takes to read and write numbers
//! that nobody sends, was a twentieth of what a watcher downloads.

use std::fmt;

use js_sys::{Array, JSON, JsString, Reflect};
use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use vong_protocol::channel::BroadcasterMessage;
use vong_protocol::limits;
use wasm_bindgen::{JsCast, JsValue};

/// A plain object with the fields of `value`; `undefined` for what JSON cannot say.
pub(super) fn to_js(value: &impl Serialize) -> JsValue {
    let text = serde_json::to_string(value).unwrap_or_default();
    JSON::parse(&text).unwrap_or(JsValue::UNDEFINED)
}

/// An object of the browser's, if it has the fields of `T`.
pub(super) fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(Value(value)).ok()
}

/// A JSON text, if it is one and says a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    from_js(JSON::parse(text).ok()?)
}

/// What a broadcaster's page says, within its bound.
pub fn read_broadcaster(text: &str) -> Option<BroadcasterMessage> {
    if text.len() <= limits::CHANNEL_MESSAGE { read(text) } else { None }
}

/// Why a value is none of the wanted kind. Nobody is told more: what cannot be read is of a later version.
#[derive(Debug)]
struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl serde::de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What `JSON.parse` makes, or an object with like fields.
struct Value(JsValue);

impl IntoDeserializer<'_, Unreadable> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The greatest number up to which all whole ones are numbers in JavaScript.
const WHOLE: f64 = 9_007_199_254_740_991.0;

impl<'de> Deserializer<'de> for Value {
    type Error = Unreadable;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if let Some(text) = self.0.dyn_ref::<JsString>() {
            visitor.visit_string(text.into())
        } else if let Some(number) = self.0.as_f64() {
            // Nothing that is said between pages and servers is anything else.
            if number.fract() == 0.0 && (0.0..=WHOLE).contains(&number) {
                visitor.visit_u64(number as u64)
            } else {
                Err(Unreadable)
            }
        } else if let Some(truth) = self.0.as_bool() {
            visitor.visit_bool(truth)
        } else {
            Err(Unreadable)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() || self.0.is_undefined() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if !self.0.is_object() {
            return Err(Unreadable);
        }
        visitor.visit_map(Fields { of: self.0, names: fields.iter(), value: JsValue::UNDEFINED })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let list = self.0.dyn_ref::<Array>().ok_or(Unreadable)?;
        visitor.visit_seq(SeqDeserializer::new(list.iter().map(Value)))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct map enum identifier ignored_any
    }
}

/// The fields that are asked for, as far as they are there. Others are of no interest.
struct Fields {
    of: JsValue,
    names: std::slice::Iter<'static, &'static str>,
    value: JsValue,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        for name in &mut self.names {
            self.value = Reflect::get(&self.of, &(*name).into()).unwrap_or_default();
            if !self.value.is_undefined() {
                return seed.deserialize(StrDeserializer::new(name)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        seed.deserialize(Value(std::mem::take(&mut self.value)))
    }
}
