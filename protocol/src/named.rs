//! Enums whose variants are plain names on the wire.
//!
//! By hand rather than derived: the derived readers make up a tenth of the page's bytes.

/// Implements `name`, `from_name` and the JSON form of an enum without fields.
macro_rules! named {
    ($type:ident { $($variant:ident = $name:literal),+ $(,)? } $(else $fallback:ident)?) => {
        impl $type {
            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                    $(Self::$fallback => "unknown",)?
                }
            }

            /// The variant of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => named!(@fallback $($fallback)?),
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                let expected = concat!("one of", $(" ", $name,)+);
                Self::from_name(&name)
                    .ok_or_else(|| serde::de::Error::invalid_value(serde::de::Unexpected::Str(&name), &expected))
            }
        }
    };
    (@fallback) => { None };
    (@fallback $fallback:ident) => { Some(Self::$fallback) };
}

pub(crate) use named;
