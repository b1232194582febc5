//! Secrets, from the browser's cryptographic generator or not at all.

use super::window;

/// The alphabet of base64url (RFC 4648 section 5): six bits a character.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `characters` random ones of base64url; `None` where the browser has no generator.
pub fn text(characters: usize) -> Option<String> {
    let mut bytes = vec![0; characters];
    window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect())
}
