//! Tokens: those of a file, which are known by their hash alone, and those of candidates, which are signed and kept nowhere.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use rand_chacha::rand_core::{OsRng, TryRngCore as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use uuid::Uuid;
use vivavoce::SessionId;

use super::{Caller, Role, files};
use crate::config::Refused;

/// How a candidate's token begins.
pub(super) const PREFIX: &str = "vvc_";
/// What is signed begins with, so that the key's other signatures are none of these.
const PURPOSE: &[u8] = b"vivavoce candidate 1\0";
const SESSION: usize = 16;
const EXPIRY: usize = 8;
const MAC: usize = 32;

/// The most characters of a tenant, as the engine has it, and of a name.
const MAX_NAME: usize = 200;

/// What candidates' tokens are signed with.
pub(super) type Key = [u8; 32];

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

/// The hash of a token of the file. It has no other comparison than the one that takes as long whatever differs.
struct Hash([u8; 32]);

impl Hash {
    fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    fn is(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }

    /// Reads it from 64 hexadecimal digits.
    fn read(text: &str) -> Option<Self> {
        let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate().filter(|_| is_hex) {
            *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
        }
        is_hex.then_some(Self(bytes))
    }

    fn written(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

struct Known {
    hash: Hash,
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
        Self { known: None, key: random() }
    }

    /// Reads the file of `--tokens`.
    ///
    /// # Errors
    /// Where it is wrong; no hash or key is repeated.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let wrong = |why: String| Refused::wrong(format!("{}: {why}", path.display()));
        let text = files::read_tokens(path)?;
        let file: File = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        let key = file.signing_key_file.map(|key| files::read_key(&path.parent().unwrap_or(Path::new("")).join(key)));
        let key = key.transpose()?;
        let mut known: Vec<Known> = Vec::with_capacity(file.token.len());
        for Entry { name, hash, role, tenant } in file.token {
            check_names(&name, &tenant).map_err(|why| wrong(why.to_owned()))?;
            if role == Role::Candidate {
                return Err(wrong(format!("{name}: a candidate's token is made by POST /tokens")));
            }
            let hash = Hash::read(&hash);
            let hash = hash.ok_or_else(|| wrong(format!("{name}: the hash is not 64 hexadecimal digits")))?;
            if let Some(other) = known.iter().find(|other| *other.caller.name == *name || other.hash.is(&hash).into()) {
                return Err(wrong(format!("{name} has the name or the hash of {}", other.caller.name)));
            }
            known.push(Known { hash, caller: Caller::known(role, &tenant, &name) });
        }
        if known.is_empty() && key.is_none() {
            return Err(wrong("there is no token in it, so that nobody is let in".to_owned()));
        }
        Ok(Self { known: Some(known), key })
    }

    /// Whether callers are asked for a token.
    pub fn are_asked_for(&self) -> bool {
        self.known.is_some()
    }

    /// Whose token of the file it is. Looks at all of them, whichever it is.
    pub(super) fn caller(&self, token: &str) -> Option<Caller> {
        let hash = Hash::of(token);
        let mut found = None;
        for known in self.known.iter().flatten() {
            if known.hash.is(&hash).into() {
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

    /// Whether there is a key to sign with.
    pub fn are_signed(&self) -> bool {
        self.key.is_some()
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

/// A new token, and its entry for the file.
///
/// # Errors
/// Where the name or the tenant is none.
pub fn new_token(role: Role, tenant: &str, name: &str) -> Result<(String, String), Refused> {
    check_names(name, tenant).map_err(Refused::wrong)?;
    let chance = random().ok_or_else(|| Refused::wrong("the system has no random numbers"))?;
    let token = format!("vv_{}", URL_SAFE_NO_PAD.encode(chance));
    let mut entry = toml::Table::new();
    for (key, value) in
        [("name", name), ("hash", &Hash::of(&token).written()), ("role", role.as_str()), ("tenant", tenant)]
    {
        entry.insert(key.to_owned(), value.into());
    }
    Ok((token, format!("[[token]]\n{entry}")))
}

/// Names are shown and logged, and are parts of keys.
fn check_names(name: &str, tenant: &str) -> Result<(), &'static str> {
    let is_fine =
        |text: &str| !text.trim().is_empty() && text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control);
    match is_fine(name) && is_fine(tenant) {
        true => Ok(()),
        false => Err("a token has a name and a tenant of 1 to 200 characters each, without control characters"),
    }
}

/// Random bytes; none on a system that has none, where nothing can be signed.
pub(super) fn random() -> Option<Key> {
    let mut bytes = Key::default();
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    Some(bytes)
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
        files::make_key(&folder.path().join("key")).unwrap();
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
            ("", "there is no token"),
            ("[[token]]\nname=''\nhash=''\nrole='interviewer'\ntenant='t'", "a name and a tenant"),
            ("[[token]]\nname='a'\nhash=''\nrole='interviewer'\ntenant=\"t\\u0000\"", "a name and a tenant"),
        ] {
            std::fs::write(&path, text).unwrap();
            let Err(Refused::Wrong(why)) = Tokens::read(&path) else { panic!("{text} was taken") };
            assert!(why.contains(said) && !why.contains("canary"), "{why}");
        }
        let (_, entry) = new_token(Role::Interviewer, "acme", "a").unwrap();
        std::fs::write(&path, format!("{entry}\n{}", entry.replace("\"a\"", "\"b\""))).unwrap();
        let Err(Refused::Wrong(why)) = Tokens::read(&path) else { panic!("one token with two names was taken") };
        assert!(why.contains("b has the name or the hash of a"), "{why}");
    }

    #[test]
    fn a_token_without_a_name_is_not_made() {
        for (tenant, name) in [("", "a"), ("a", " "), ("a", "a\nb"), (&*"a".repeat(201), "a")] {
            assert!(new_token(Role::Interviewer, tenant, name).is_err(), "{tenant:?} {name:?}");
        }
    }
}
