//! The program `vong` as a person or a service manager runs it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use support::{Client, PATIENCE, join, request};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use vong_protocol::{ErrorCode, Role};

fn vong() -> Command {
    support::secure::vong(&[])
}

/// Waits for the start-up line and reads the address from it.
async fn address_of(child: &mut Child) -> SocketAddr {
    let mut lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
    let line =
        timeout(PATIENCE, lines.next_line()).await.expect("a line in time").expect("text").expect("a line");
    line.strip_prefix("listening on http://").expect(&line).parse().expect(&line)
}

/// Runs to the end, and returns the exit code and the standard error.
async fn outcome(command: &mut Command) -> (i32, String) {
    let output = timeout(PATIENCE, command.output()).await.expect("it ends by itself").expect("it runs");
    (output.status.code().expect("an exit code"), String::from_utf8(output.stderr).expect("text"))
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_sentence() {
    let mut first = vong().args(["--listen", "127.0.0.1:0"]).spawn().unwrap();
    let address = address_of(&mut first).await.to_string();
    let (code, error) = outcome(vong().args(["--listen", &address])).await;
    assert_eq!(code, 1, "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(&address) && error.contains("in use") && error.contains("--listen"), "{error}");
}

#[tokio::test]
async fn a_bad_setting_is_one_line_wherever_it_comes_from() {
    for (command, part) in [
        (vong().args(["--listen", "nowhere"]), "--listen"),
        (vong().arg("--no-such-flag"), "--no-such-flag"),
        (vong().env("VONG_MAX_ROOMS", "many"), "many"),
        (vong().args(["--ice-server", "turn:turn.example"]), "user name"),
        (vong().args(["--config", "/nonexistent.toml"]), "/nonexistent.toml"),
    ] {
        let (code, error) = outcome(command).await;
        assert_eq!(code, 2, "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_credential_is_not_repeated_when_its_server_is_mistyped() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("vong.toml");
    std::fs::write(&file, "ice-server = 'turn:h:99999,anna,s3cret'\n").unwrap();
    for (command, part) in [
        (vong().env("VONG_ICE_SERVER", "turn:h:99999,anna,s3cret"), "the port must be"),
        (vong().env("VONG_ICE_SERVER", "turn:h:3478,anna,gap s3cret"), "must begin with"),
        (vong().arg("--ice-server=turn:h:99999,anna,s3cret"), "the port must be"),
        (vong().arg("--config").arg(&file), "the port must be"),
    ] {
        let (code, error) = outcome(command).await;
        assert_eq!((code, error.lines().count()), (2, 1), "{error}");
        assert!(error.contains("--ice-server") && error.contains(part), "{error}");
        assert!(!error.contains("s3cret") && !error.contains("anna"), "{error}");
    }
}

#[tokio::test]
async fn a_flag_comes_before_the_environment_and_that_before_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("vong.toml");
    std::fs::write(&file, "listen = '127.0.0.1:0'\nheartbeat = '1s'\nsession-grace = '1s'\nmax-rooms = 1\n")
        .unwrap();
    for (flag, variable, expected) in
        [(None, None, 1000), (None, Some("2s"), 2000), (Some("3s"), Some("2s"), 3000)]
    {
        let mut command = vong();
        command.env("VONG_CONFIG", &file);
        if let Some(value) = variable {
            command.env("VONG_HEARTBEAT", value);
        }
        if let Some(value) = flag {
            command.args(["--heartbeat", value]);
        }
        let mut child = command.spawn().unwrap();
        let address = address_of(&mut child).await;
        let mut client = Client::connect(address, "127.0.0.1").await;
        assert_eq!(client.join(join("demo", Role::Watcher)).await.heartbeat_ms, expected);
    }
}

#[tokio::test]
async fn help_and_version_are_not_errors() {
    let help = timeout(PATIENCE, vong().arg("--help").output()).await.unwrap().unwrap();
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).unwrap();
    for part in ["--listen", "VONG_LISTEN", "127.0.0.1:4000", "--config", "VONG_ICE_SERVER", "[default: 15s]"]
    {
        assert!(text.contains(part), "{part} is not in the help");
    }
    let version = timeout(PATIENCE, vong().arg("--version").output()).await.unwrap().unwrap();
    assert!(String::from_utf8(version.stdout).unwrap().starts_with("vong 0."));
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_cleanly_and_tells_the_clients() {
    for signal in ["INT", "TERM"] {
        let mut child = vong().args(["--listen", "127.0.0.1:0", "--log-format", "json"]).spawn().unwrap();
        let address = address_of(&mut child).await;
        let mut client = Client::connect(address, "127.0.0.1").await;
        client.join(join("demo", Role::Watcher)).await;
        let id = child.id().expect("it runs").to_string();
        let began = Instant::now();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().await.unwrap().success());
        client.hear_end(ErrorCode::ShuttingDown, 1001).await;
        drop(client);
        let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
        assert_eq!(output.status.code(), Some(0), "SIG{signal}");
        assert!(began.elapsed() < Duration::from_secs(4), "SIG{signal}");
        for line in String::from_utf8(output.stderr).unwrap().lines() {
            serde_json::from_str::<serde_json::Value>(line).expect(line);
        }
    }
}

#[tokio::test]
async fn a_killed_server_can_be_started_again_at_once_and_sessions_go_on() {
    let mut child = vong().args(["--listen", "127.0.0.1:0"]).spawn().unwrap();
    let address = address_of(&mut child).await;
    let mut client = Client::connect(address, "127.0.0.1").await;
    let before = client.join(join("demo", Role::Watcher)).await;
    child.kill().await.unwrap();

    let mut child = vong().args(["--listen", &address.to_string()]).spawn().unwrap();
    assert_eq!(address_of(&mut child).await, address);
    assert_eq!(request(address, "GET", "/healthz", &[]).await.status, 200);
    let mut client = Client::connect(address, "127.0.0.1").await;
    let again = vong_protocol::Join { session: Some(before.session), ..join("demo", Role::Watcher) };
    assert_eq!(client.join(again).await.you, before.you);
}
