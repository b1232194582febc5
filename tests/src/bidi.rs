//! As much `WebDriver` `BiDi` as the tests need: a script that runs before every page's own, and what pages say on the console.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow, ensure};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::place::Place;
use crate::wait::DEADLINE;

type Socket = WebSocketStream<TcpStream>;

/// Console lines kept for each browser; later ones are dropped.
const CONSOLE_LINES: usize = 2000;

/// A `BiDi` connection of one `WebDriver` session.
#[derive(Debug)]
pub(crate) struct Bidi {
    to: SplitSink<Socket, Message>,
    shared: Rc<Shared>,
    reader: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: RefCell<HashMap<u64, oneshot::Sender<Value>>>,
    console: RefCell<Vec<String>>,
}

impl Bidi {
    /// Connects, has `scripts` (JavaScript functions) run before every page's own, and listens to the console.
    pub(crate) async fn start(place: &Place, url: &str, scripts: &[&str]) -> Result<Self> {
        let mut bidi = Self::connect(place, url).await?;
        bidi.call(0, "session.subscribe", json!({ "events": ["log.entryAdded"] })).await?;
        for (id, script) in (1..).zip(scripts) {
            bidi.call(id, "script.addPreloadScript", json!({ "functionDeclaration": script })).await?;
        }
        Ok(bidi)
    }

    /// Connects to a session in which all that was done before.
    pub(crate) async fn connect(place: &Place, url: &str) -> Result<Self> {
        let stream = place.connect_to(&url.parse()?).await?;
        let (socket, _) = timeout(DEADLINE, tokio_tungstenite::client_async(url, stream)).await??;
        let (to, from) = socket.split();
        let shared = Rc::new(Shared::default());
        let reader = tokio::task::spawn_local(read(from, shared.clone()));
        Ok(Self { to, shared, reader })
    }

    /// What the browser's pages said so far.
    pub(crate) fn console(&self) -> String {
        self.shared.console.borrow().join("\n")
    }

    async fn call(&mut self, id: u64, method: &str, params: Value) -> Result<Value> {
        let (answered, answer) = oneshot::channel();
        self.shared.waiting.borrow_mut().insert(id, answered);
        let text = json!({ "id": id, "method": method, "params": params }).to_string();
        self.to.send(Message::text(text)).await?;
        let answer =
            timeout(DEADLINE, answer).await.with_context(|| format!("{method} was not answered"))??;
        ensure!(answer["type"] == "success", "{method}: {answer}");
        Ok(answer["result"].clone())
    }
}

impl Drop for Bidi {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(mut from: SplitStream<Socket>, shared: Rc<Shared>) {
    while let Some(Ok(message)) = from.next().await {
        let Ok(value) =
            message.to_text().map_err(|e| anyhow!(e)).and_then(|t| Ok(serde_json::from_str::<Value>(t)?))
        else {
            continue;
        };
        if let Some(waiting) = value["id"].as_u64().and_then(|id| shared.waiting.borrow_mut().remove(&id)) {
            // Whoever asked may have given up.
            let _ = waiting.send(value);
        } else if value["method"] == "log.entryAdded" && shared.console.borrow().len() < CONSOLE_LINES {
            shared.console.borrow_mut().push(line(&value["params"]));
        }
    }
}

fn line(entry: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{} {:5} {} {}",
        entry["timestamp"],
        text(&entry["level"]),
        text(&entry["source"]["context"]),
        text(&entry["text"])
    )
}
