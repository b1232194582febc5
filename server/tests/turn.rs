//! STUN and TURN as members of a room use them, tried with coturn's own clients and with coturn itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::net::{SocketAddr, UdpSocket};
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{Client, Server, join};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use vong_protocol::{Ice, IceServer, Role, ServerMessage};

/// coturn and its clients take some seconds for anything, and more on a busy machine.
const CLIENT: Duration = Duration::from_mins(1);

/// Of 2000 bytes. Where two messages come in one TLS record, coturn's client takes no notice of the second.
const ENOUGH_OVER_TLS: usize = 1000;

/// Whether coturn is here. `cargo xtask test` installs it where there is `apt-get`.
fn has_coturn() -> bool {
    let mut client = std::process::Command::new("turnutils_uclient");
    let there = client.arg("-?").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        eprintln!("skipped: coturn and its clients are not installed");
    }
    there
}

async fn joined(server: &Server, role: Role) -> (Client, Ice) {
    let (client, joined) = server.member("demo", role).await;
    (client, joined.ice)
}

fn turn(ice: &Ice) -> &IceServer {
    ice.ice_servers.iter().find(|server| server.username.is_some()).expect("a TURN server")
}

/// The port of the first URL that has these parts.
fn port(ice: &Ice, scheme: &str, transport: &str) -> String {
    let urls = ice.ice_servers.iter().flat_map(|server| &server.urls);
    let url = urls.clone().find(|url| url.starts_with(scheme) && url.ends_with(transport));
    let url = url.unwrap_or_else(|| panic!("no {scheme} {transport} among {:?}", urls.collect::<Vec<_>>()));
    let authority = url[scheme.len()..].trim_start_matches(':').split('?').next().unwrap();
    authority.rsplit(':').next().unwrap().to_owned()
}

/// Two clients send to each other through relays: the whole, or what the program said.
async fn relays(user: &IceServer, port: &str, flags: &[&str]) -> Result<(), String> {
    let said = relayed(user, port, flags).await;
    let complete =
        said.contains("Total lost packets 0 ") && said.contains("bytes ~ 2000, tot_recv_bytes ~ 2000");
    if complete { Ok(()) } else { Err(said) }
}

async fn relayed(user: &IceServer, port: &str, flags: &[&str]) -> String {
    let (name, password) = (user.username.as_deref().unwrap(), user.credential.as_deref().unwrap());
    let mut command = Command::new("turnutils_uclient");
    command.args(["-y", "-c", "-u", name, "-w", password, "-p", port, "-n", "5", "-m", "2", "-l", "200"]);
    command.args(flags).arg("127.0.0.1").kill_on_drop(true).stdin(Stdio::null());
    let output = timeout(CLIENT, command.output()).await.expect("it ends").expect("it runs");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn a_members_credentials_open_relays_over_udp_tcp_and_the_pages_own_port() {
    if !has_coturn() {
        return;
    }
    let server = Server::with_turn(&[]).await;
    let (_client, ice) = joined(&server, Role::Watcher).await;
    assert!(!ice.relay_only);
    assert_eq!(port(&ice, "turn", "tcp"), server.address.port().to_string(), "known to be reached");
    let own_port = port(&ice, "turn", "udp");
    relays(turn(&ice), &own_port, &[]).await.unwrap();
    relays(turn(&ice), &own_port, &["-s"]).await.unwrap();
    relays(turn(&ice), &own_port, &["-t"]).await.unwrap();
    relays(turn(&ice), &port(&ice, "turn", "tcp"), &["-t"]).await.unwrap();
    let stun = Command::new("turnutils_stunclient")
        .args(["-p", &port(&ice, "stun", ""), "127.0.0.1"])
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&stun.stdout).into_owned() + &String::from_utf8_lossy(&stun.stderr);
    assert!(text.contains("UDP reflexive addr: 127.0.0.1:"), "{text}");
}

#[tokio::test]
async fn with_a_certificate_turn_is_spoken_over_tls_on_both_ports() {
    if !has_coturn() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let server =
        Server::with_turn(&["--tls", "self-signed", "--state-dir", state.path().to_str().unwrap()]).await;
    let mut client = Client::over(support::secure::secure(server.address).await, server.address).await;
    let ice = client.join(join("demo", Role::Watcher)).await.ice;
    let pages = port(&ice, "turns", "tcp");
    assert_eq!(pages, server.address.port().to_string());
    for port in [pages, port(&ice, "turn", "tcp")] {
        let said = relayed(turn(&ice), &port, &["-t", "-S"]).await;
        let received =
            said.rsplit("tot_recv_bytes ~ ").next().and_then(|rest| rest.split_whitespace().next());
        let received: usize = received.and_then(|bytes| bytes.parse().ok()).unwrap_or_default();
        assert!(received >= ENOUGH_OVER_TLS, "{said}");
    }
    relays(turn(&ice), &port(&ice, "turn", "tcp"), &["-t"]).await.unwrap();
}

#[tokio::test]
async fn credentials_expire_and_a_member_that_stays_gets_new_ones_before() {
    if !has_coturn() {
        return;
    }
    let server = Server::with_turn(&["--turn-lifetime", "4s"]).await;
    let (mut client, first) = joined(&server, Role::Broadcaster).await;
    let began = Instant::now();
    let renewed = loop {
        match client.hear().await {
            ServerMessage::Ice(ice) => break ice,
            other => drop(other),
        }
    };
    assert!(began.elapsed() < Duration::from_secs(4), "before the first ones expired");
    assert_ne!(turn(&first).credential, turn(&renewed).credential);
    let udp = port(&first, "turn", "udp");
    // Whoever is late by this much has nothing but the expired ones.
    sleep(Duration::from_secs(5).saturating_sub(began.elapsed())).await;
    assert!(relays(turn(&first), &udp, &[]).await.is_err());
    let (_other, fresh) = joined(&server, Role::Watcher).await;
    relays(turn(&fresh), &udp, &[]).await.unwrap();
}

#[tokio::test]
async fn pages_are_told_of_turn_at_the_name_they_came_by() {
    let server = Server::with_turn(&["--relay-only"]).await;
    for (host, expected) in [("vong.example", "vong.example"), ("[2001:db8::1]:4000", "[2001:db8::1]")] {
        let mut client = Client::connect_as(server.address, host).await;
        let ice = client.join(join("demo", Role::Watcher)).await.ice;
        assert!(ice.relay_only);
        let urls: Vec<_> = ice.ice_servers.iter().flat_map(|server| &server.urls).collect();
        assert!(urls.iter().all(|url| url.contains(&format!(":{expected}:"))), "{urls:?}");
        assert!(urls[0].starts_with("stun:") && urls[1].ends_with("?transport=udp"), "{urls:?}");
    }
    let elsewhere = Server::with_turn(&["--turn-host", "turn.example", "--trust-proxy"]).await;
    let (_client, ice) = joined(&elsewhere, Role::Watcher).await;
    assert!(ice.ice_servers.iter().flat_map(|server| &server.urls).all(|url| url.contains(":turn.example:")));
    assert_eq!(port(&ice, "turn", "udp"), port(&ice, "turn", "tcp"), "a proxy passes on HTTP alone");
    let without = Server::start(&["--turn", "off"]).await;
    assert_eq!(joined(&without, Role::Watcher).await.1, Ice::default());
}

/// coturn with a secret that it shares with the server.
async fn coturn(port: u16, secret: &str) -> Child {
    let port = port.to_string();
    let child = Command::new("turnserver")
        .args([
            "-n",
            "--no-tls",
            "--no-dtls",
            "--no-cli",
            "--log-file=stdout",
            "--realm=vong",
            "-L",
            "127.0.0.1",
        ])
        .args(["--allow-loopback-peers", "--use-auth-secret", "--pidfile", "/dev/null"])
        .arg(format!("--static-auth-secret={secret}"))
        .args(["-p", &port])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("coturn starts");
    let listens = async {
        while tokio::net::TcpStream::connect(format!("127.0.0.1:{port}")).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(CLIENT, listens).await.expect("coturn listens");
    child
}

#[tokio::test]
async fn an_operators_own_coturn_takes_the_credentials_that_members_are_told() {
    if !has_coturn() {
        return;
    }
    let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _coturn = coturn(free, "north").await;
    let url = format!("turn:127.0.0.1:{free}?transport=udp");
    let server = Server::with_turn(&["--ice-server", &url, "--turn-secret", "north"]).await;
    let (_client, ice) = joined(&server, Role::Watcher).await;
    assert_eq!(ice.ice_servers.len(), 1, "the built-in one gives way: {ice:?}");
    relays(turn(&ice), &free.to_string(), &[]).await.unwrap();
    relays(turn(&ice), &free.to_string(), &["-t"]).await.unwrap();
    let wrong = Server::with_turn(&["--ice-server", &url, "--turn-secret", "south"]).await;
    let (_client, ice) = joined(&wrong, Role::Watcher).await;
    assert!(relays(turn(&ice), &free.to_string(), &[]).await.is_err());
}

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Of a flood: 10,000 requests a second, a tenth of what the server takes when it is built for use.
const PACE: Duration = Duration::from_micros(100);
/// Sent at once.
const PORTION: usize = 30;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_requests_without_credentials_takes_no_memory_and_disturbs_nobody() {
    if !has_coturn() {
        return;
    }
    let server = Server::with_turn(&[]).await;
    let (_client, ice) = joined(&server, Role::Watcher).await;
    let port = port(&ice, "turn", "udp");
    let target: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
    let before = resident();
    let flood = std::thread::spawn(move || {
        let began = Instant::now();
        let mut sent = 0u32;
        // From many ports and three addresses, bounded in time and rate; requests to allocate, and noise. In portions
        // that fit into the socket's queue: what the system drops before the server sees it, no server can answer.
        let sockets: Vec<UdpSocket> =
            (0..300).map(|n| UdpSocket::bind(format!("127.0.7.{}:0", 1 + n % 3)).unwrap()).collect();
        for portion in sockets.chunks(PORTION).cycle() {
            for (socket, id) in portion.iter().zip(sent..) {
                let mut packet = [0; 28];
                packet[..8].copy_from_slice(&[0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42]);
                packet[8..12].copy_from_slice(&id.to_be_bytes());
                packet[20..25].copy_from_slice(&[0, 0x19, 0, 4, 17]);
                let _ = socket.send_to(&packet, target);
                sent += 1;
            }
            if began.elapsed() >= Duration::from_secs(6) {
                return sent;
            }
            std::thread::sleep((PACE * sent).saturating_sub(began.elapsed()));
        }
        sent
    });
    let honest = relays(turn(&ice), &port, &[]).await;
    let sent = flood.join().unwrap();
    assert!(sent > 30_000, "{sent} is no flood");
    honest.unwrap();
    let grown = resident().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes for {sent} requests");
}
