//! Tokens: those of a file, which are known by their hash alone, and those of candidates, which are signed and kept nowhere.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use rand_chacha::rand_core::{OsRng, TryRngCore as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use vivavoce::SessionId;

use super::{Caller, Role};
use crate::config::Refused;

/// How a candidate's token begins.
pub(super) const PREFIX: &str = "vvc_";
/// What is signed begins with, so that the key's other signatures are none of these.
const PURPOSE: &[u8] = b"vivavoce candidate 1\0";
const SESSION: usize = 16;
const EXPIRY: usize = 8;
const MAC: usize = 32;

type Key = [u8; 32];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    signing_key_file: Option<PathBuf>,
    #[serde(default)]
    token: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    hash: String,
    role: Role,
    tenant: String,
}

struct Known {
    hash: [u8; 32],
    caller: Caller,
}

/// The tokens that are let in.
pub struct Tokens {
    /// None where nobody is asked for one.
    known: Option<Vec<Known>>,
    key: Option<Key>,
}

/// What a candidate's token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The only session it is for.
    pub session: SessionId,
    /// Whose that is.
    pub tenant: String,
    /// Until when, in seconds since 1970.
    pub expires: u64,
}

impl Tokens {
    /// Nobody is asked for a token; candidates' tokens are good for as long as this process is.
    pub fn none() -> Self {
        Self { known: None, key: chance() }
    }

    /// Reads the file of `--tokens`.
    ///
    /// # Errors
    /// Where it is wrong; what it says is not repeated.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let wrong = |why: String| Refused::wrong(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let file: File = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        let key = file.signing_key_file.map(|key| {
            let key = path.parent().unwrap_or(Path::new("")).join(key);
            let text = std::fs::read_to_string(&key).map_err(|error| wrong(format!("{}: {error}", key.display())))?;
            let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| Key::try_from(bytes).ok());
            bytes.ok_or_else(|| wrong(format!("{} is not 32 bytes in base64", key.display())))
        });
        let mut known: Vec<Known> = Vec::with_capacity(file.token.len());
        for entry in file.token {
            if entry.role == Role::Candidate {
                return Err(wrong(format!("{}: a candidate's token is made by POST /tokens", entry.name)));
            }
            if entry.tenant.trim().is_empty() || entry.tenant.len() > 200 || entry.name.trim().is_empty() {
                return Err(wrong("a token has a name, and a tenant of 1 to 200 characters".into()));
            }
            let hash = from_hex(&entry.hash);
            let hash = hash.ok_or_else(|| wrong(format!("{}: the hash is not 64 hexadecimal digits", entry.name)))?;
            if known.iter().any(|other| *other.caller.name == *entry.name) {
                return Err(wrong(format!("{} is there twice", entry.name)));
            }
            let (tenant, name) = (entry.tenant.into(), entry.name.into());
            known.push(Known { hash, caller: Caller { role: entry.role, tenant, name, session: None, expires: None } });
        }
        Ok(Self { known: Some(known), key: key.transpose()? })
    }

    /// Whether callers are asked for a token.
    pub fn are_asked_for(&self) -> bool {
        self.known.is_some()
    }

    /// Whose token of the file it is. Takes as long whichever it is.
    pub(super) fn caller(&self, token: &str) -> Option<Caller> {
        let hash = Sha256::digest(token);
        let mut found = None;
        for known in self.known.iter().flatten() {
            if bool::from(known.hash.ct_eq(&hash)) {
                found = Some(&known.caller);
            }
        }
        found.cloned()
    }

    /// What a candidate's token says, where it is good at this time.
    pub(super) fn candidate(&self, token: &str, now: SystemTime) -> Option<Candidate> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (said, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        self.mac(said)?.verify_slice(mac).ok()?;
        let (session, rest) = said.split_at_checked(SESSION)?;
        let (expires, tenant) = rest.split_at_checked(EXPIRY)?;
        let expires = u64::from_be_bytes(expires.try_into().ok()?);
        let is_over = now.duration_since(UNIX_EPOCH).is_ok_and(|now| now.as_secs() >= expires);
        let session = Uuid::from_slice(session).ok()?.into();
        (!is_over).then_some(Candidate { session, tenant: String::from_utf8(tenant.to_vec()).ok()?, expires })
    }

    /// A token that says this; none where there is no key to sign with.
    pub fn sign(&self, candidate: &Candidate) -> Option<String> {
        let mut said = candidate.session.as_uuid().as_bytes().to_vec();
        said.extend(candidate.expires.to_be_bytes());
        said.extend(candidate.tenant.as_bytes());
        let mac = self.mac(&said)?.finalize().into_bytes();
        said.extend(mac);
        Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(said)))
    }

    fn mac(&self, said: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_ref()?).ok()?;
        mac.update(PURPOSE);
        mac.update(said);
        Some(mac)
    }
}

impl Candidate {
    /// For this session, for so long from now.
    pub fn new(session: SessionId, tenant: &str, expires_in: Duration) -> Self {
        let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + expires_in;
        Self { session, tenant: tenant.to_owned(), expires: until.as_secs() }
    }
}

/// A new token, and its entry for the file; none on a system without random numbers.
pub fn new_token(role: Role, tenant: &str, name: &str) -> Option<(String, String)> {
    let token = format!("vv_{}", URL_SAFE_NO_PAD.encode(chance()?));
    let hash: String = Sha256::digest(&token).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut entry = toml::Table::new();
    let role = if role == Role::Administrator { "administrator" } else { "interviewer" };
    for (key, value) in [("name", name), ("hash", &hash), ("role", role), ("tenant", tenant)] {
        entry.insert(key.to_owned(), value.into());
    }
    Some((token, format!("[[token]]\n{entry}")))
}

/// Random bytes; none on a system that has none, where nothing can be signed.
fn chance() -> Option<Key> {
    let mut bytes = Key::default();
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    Some(bytes)
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate().filter(|_| is_hex) {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(expires: u64) -> Candidate {
        Candidate { session: Uuid::from_u128(7).into(), tenant: "acme".into(), expires }
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_candidates_token_says_what_was_signed_until_it_expires() {
        let tokens = Tokens::none();
        let token = tokens.sign(&candidate(100)).unwrap();
        assert_eq!(tokens.candidate(&token, at(99)), Some(candidate(100)));
        assert_eq!(tokens.candidate(&token, at(100)), None);
        assert_eq!(Tokens::none().candidate(&token, at(99)), None, "another key");
    }

    #[test]
    fn a_token_that_was_changed_is_none() {
        let tokens = Tokens::none();
        let token = tokens.sign(&candidate(100)).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&token[PREFIX.len()..]).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let changed = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(tokens.candidate(&changed, at(1)), None, "{place}");
        }
        for short in ["", "vvc_", "vvc_AAAA", "vvc_!", "abc"] {
            assert_eq!(tokens.candidate(short, at(1)), None, "{short}");
        }
    }

    #[test]
    fn a_file_knows_the_tokens_that_were_made_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        let (token, entry) = new_token(Role::Interviewer, "acme", "hr \"desk\"").unwrap();
        let (other, another) = new_token(Role::Administrator, "acme", "boss").unwrap();
        std::fs::write(folder.path().join("key"), STANDARD.encode([7; 32])).unwrap();
        std::fs::write(&path, format!("signing_key_file = \"key\"\n{entry}\n{another}")).unwrap();
        let tokens = Tokens::read(&path).unwrap();
        let caller = tokens.caller(&token).unwrap();
        assert_eq!((caller.role, &*caller.tenant, &*caller.name), (Role::Interviewer, "acme", "hr \"desk\""));
        assert_eq!(tokens.caller(&other).unwrap().role, Role::Administrator);
        assert!(tokens.caller("vv_").is_none());
        assert!(tokens.sign(&candidate(1)).is_some());
    }

    #[test]
    fn a_wrong_file_is_refused_without_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        for (text, said) in [
            ("[[token]]\nname = \"a\"", "missing field"),
            ("[[token]]\nname='a'\nhash='canary'\nrole='interviewer'\ntenant='t'", "is not 64 hexadecimal"),
            ("[[token]]\nname='a'\nhash=''\nrole='candidate'\ntenant='t'", "POST /tokens"),
            ("signing_key_file = \"missing\"", "missing"),
            ("other = 1", "unknown field"),
        ] {
            std::fs::write(&path, text).unwrap();
            let Err(Refused::Wrong(why)) = Tokens::read(&path) else { panic!("{text} was taken") };
            assert!(why.contains(said) && !why.contains("canary"), "{why}");
        }
    }
}
