//! Starts the service.
#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "a program speaks to who starts it")]

use std::io::Write as _;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use vivavoce::Engine;
use vivavoce_rest::access::{make_key, new_token};
use vivavoce_rest::app::App;
use vivavoce_rest::config::{Command, Config, Refused};
use vivavoce_rest::{logs, openapi, server, webhooks};

/// The configuration is wrong.
const WRONG: u8 = 2;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refused::Told(text)) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(Refused::Wrong(why)) => {
            eprintln!("vivavoce-rest: {why}");
            ExitCode::from(WRONG)
        }
    }
}

/// Who has heard enough, such as `head`, need not hear the rest.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn run() -> Result<(), Refused> {
    let (config, command) = Config::read(std::env::args_os().skip(1))?;
    match command {
        None => serve(config),
        Some(Command::Token { role, tenant, name }) => {
            let (token, entry) = new_token(role, &tenant, &name)?;
            say(&format!("{token}\n\n{entry}\n"));
            Ok(())
        }
        Some(Command::Key { file }) => make_key(&file),
        Some(Command::EndWebhook { store, tenant, name }) => end_webhook(&store, &tenant, &name),
        Some(Command::Openapi) => {
            say(&openapi::yaml(&config.base_path).map_err(Refused::wrong)?);
            Ok(())
        }
    }
}

fn end_webhook(store: &str, tenant: &str, name: &str) -> Result<(), Refused> {
    let ended = || {
        let engine = Engine::open(store)?;
        let ended = engine.for_tenant(tenant)?.unsubscribe(&webhooks::subscription(name))?;
        engine.close().map(|()| ended)
    };
    match ended().map_err(|error| Refused::wrong(format!("the store: {error}")))? {
        true => Ok(()),
        false => Err(Refused::wrong(format!("there is no webhook {name} of the tenant {tenant}"))),
    }
}

fn serve(config: Config) -> Result<(), Refused> {
    let _exporting = logs::start(&config)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Refused::wrong)?;
    // Before the runtime is entered: opening a store blocks.
    let app = App::open(config)?;
    runtime.block_on(async {
        let listen = app.config.listen;
        let listener = TcpListener::bind(listen).await.map_err(|error| Refused::wrong(format!("{listen}: {error}")))?;
        let address = listener.local_addr().map_err(Refused::wrong)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(Refused::wrong)?;
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        say(&format!("vivavoce-rest listens on http://{address}\n"));
        server::serve(&app, listener, stop).await.map_err(Refused::wrong)
    })
}
