//! The program `vong`: settings, log, signals, exit codes. Everything else is the library's.
#![forbid(unsafe_code)]

use std::io::{ErrorKind, Write as _, stderr, stdout};
use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use vong_server::{Config, LogFormat, NoConfig, Sockets, Tls, TurnSockets, announcement, serve};

/// The server could not start or run.
const FAILED: u8 = 1;
/// A setting is wrong.
const BAD_SETTING: u8 = 2;

fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(NoConfig::Asked(text)) => {
            let _ = write!(stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err(NoConfig::Wrong(line)) => return fail(BAD_SETTING, &line),
    };
    start_log(&config);
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => fail(FAILED, &line),
    }
}

#[tokio::main]
async fn run(config: Config) -> Result<(), String> {
    let listen = config.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| cannot_listen(listen, &error))?;
    let turn =
        TurnSockets::bind(&config).await.map_err(|(address, error)| cannot_serve_turn(address, &error))?;
    let tls = Tls::open(&config.tls).await?;
    allow_files(&config);
    let shutdown = CancellationToken::new();
    stop_on_signal(&shutdown).map_err(|error| format!("error: signals cannot be handled: {error}"))?;
    let address = listener.local_addr().map_err(|error| cannot_listen(listen, &error))?;
    // The one line on standard output: with port 0 it is how others learn the port.
    let scheme = if tls.is_some() { "https" } else { "http" };
    let _ = writeln!(stdout(), "listening on {scheme}://{address}").and_then(|()| stdout().flush());
    info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    // For people; what reads JSON lines reads only these.
    if config.log_format == LogFormat::Text
        && let Some(text) = announcement(address, &config, tls.as_ref())
    {
        let _ = write!(stderr(), "{text}");
    }
    let sockets = Sockets::new(listener, turn);
    serve(sockets, tls, config, shutdown).await.map_err(|error| format!("error: cannot serve: {error}"))?;
    info!("ended");
    Ok(())
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!(
                "error: {address} is in use by another program: stop it, or choose another port with --listen"
            )
        }
        ErrorKind::PermissionDenied => format!("error: {address} needs more rights than this program has"),
        ErrorKind::AddrNotAvailable => format!("error: {address} is not an address of this machine"),
        _ => format!("error: cannot listen on {address}: {error}"),
    }
}

fn cannot_serve_turn(address: SocketAddr, error: &std::io::Error) -> String {
    format!(
        "{} (STUN and TURN; choose another port with --turn-port, or --turn off)",
        cannot_listen(address, error)
    )
}

/// Cancels on Ctrl-C, and on SIGTERM where there is such a thing.
fn stop_on_signal(shutdown: &CancellationToken) -> std::io::Result<()> {
    let shutdown = shutdown.clone();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
            shutdown.cancel();
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            shutdown.cancel();
        }
    });
    Ok(())
}

fn start_log(config: &Config) {
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(false);
    let lines = match config.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(config.log.clone())).init();
}

/// The usual soft limit is 1024.
fn allow_files(config: &Config) {
    let wanted = vong_server::files_needed(config);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(limit) if limit >= wanted => {}
        Ok(limit) => warn!(limit, wanted, "fewer files may be open than there may be connections and relays"),
        Err(error) => warn!(%error, wanted, "the limit of open files could not be raised"),
    }
}

fn fail(code: u8, line: &str) -> ExitCode {
    let _ = writeln!(stderr(), "{line}");
    ExitCode::from(code)
}
