//! Where a request comes from.
//!
//! It is the address at the other end of the connection. `X-Forwarded-For` is what a client says, and any client can say anything: it counts only where the connection comes
//! from a proxy that the configuration names, and then only its last entry that such a proxy did not add itself, since everything before that is again what a client said.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;

const FORWARDED: &str = "x-forwarded-for";

/// The other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// An address, or all addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// How many bits count.
    bits: u8,
}

impl Network {
    fn has(&self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                begin_alike(own.to_bits().into(), other.to_bits().into(), 32 - self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => begin_alike(own.to_bits(), other.to_bits(), 128 - self.bits),
            _ => false,
        }
    }
}

/// Whether two numbers are the same but for so many of the last bits.
fn begin_alike(one: u128, other: u128, last: u8) -> bool {
    (one ^ other).checked_shr(last.into()).unwrap_or(0) == 0
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WORDS: &str = "a proxy is written as its address, or as a network: 10.0.0.0/8";
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address = address.parse::<IpAddr>().map_err(|_| WORDS)?.to_canonical();
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse().map_err(|_| WORDS))?;
        // A network of everybody would trust what anybody says.
        if (1..=all).contains(&bits) { Ok(Self { address, bits }) } else { Err(WORDS) }
    }
}

/// The client's address, seen past the proxies that are trusted.
pub(crate) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.has(address));
    let mut client = peer.to_canonical();
    let said = headers.get_all(FORWARDED).iter().rev();
    for entry in said.flat_map(|value| value.to_str().unwrap_or("?").rsplit(',')) {
        if !is_trusted(client) {
            break;
        }
        // What is no address was not written by a proxy that can be trusted with one.
        let Some(address) = written(entry.trim()) else { break };
        client = address;
    }
    client
}

/// An address, which some write with a port.
fn written(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let address = text.trim_matches(['[', ']']).parse().ok().or_else(with_port);
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "2001:db8::7"].iter().map(|text| text.parse().unwrap()).collect();
        for (peer, said, client) in [
            ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
            ("10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["1.1.1.1", "203.0.113.9, 10.9.9.9"], "203.0.113.9"),
            ("10.1.2.3", &["203.0.113.9:4711"], "203.0.113.9"),
            ("2001:db8::7", &["[2001:db8::9]:80"], "2001:db8::9"),
            ("2001:db8::8", &["203.0.113.9"], "2001:db8::8"),
            ("10.1.2.3", &["203.0.113.9, unknown"], "10.1.2.3"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["10.4.4.4"], "10.4.4.4"),
        ] {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(FORWARDED, value.parse().unwrap());
            }
            assert_eq!(
                address(peer.parse().unwrap(), &headers, &trusted),
                client.parse::<IpAddr>().unwrap(),
                "{peer} {said:?}"
            );
            assert_eq!(address(peer.parse().unwrap(), &headers, &[]), peer.parse::<IpAddr>().unwrap().to_canonical());
        }
    }

    #[test]
    fn networks_are_read() {
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/0", "::/0", "10.0.0.0/", "10.0.0.0/-1", "1.2.3.4:80"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        let network: Network = "192.168.4.0/22".parse().unwrap();
        assert!(network.has("192.168.7.255".parse().unwrap()) && !network.has("192.168.8.0".parse().unwrap()));
        let network: Network = "2001:db8::/32".parse().unwrap();
        assert!(network.has("2001:db8:ffff::1".parse().unwrap()) && !network.has("2001:db9::1".parse().unwrap()));
    }
}
