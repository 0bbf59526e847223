//! A blocking client over the driver, which looks while it waits whether its caller waits too.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Config, Connection, NoTls, Notification, Row, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::{self, Failure};
use crate::error::{Error, Result};
use crate::patience::Patience;

/// How long the server may take to say that it gave up what nobody waits for any more, or that it was done before.
const GIVING_UP: Duration = Duration::from_millis(60);

/// What is said of a call that waits for the server.
const WAITED: &str = "the database was waited for";

type Driven = dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, tokio_postgres::Error>>> + Send;

/// One connection, which moves only while somebody waits for it.
pub(super) struct Client {
    runtime: Runtime,
    client: tokio_postgres::Client,
    wire: Wire,
    tls: Option<MakeRustlsConnect>,
    /// Whether an answer, or a request to stop, may be under way that nobody waits for.
    given_up: bool,
}

struct Wire {
    driven: Box<Driven>,
    heard: VecDeque<Notification>,
}

impl Wire {
    fn new<S, T>(mut connection: Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self { driven: Box::new(move |context| connection.poll_message(context)), heard: VecDeque::new() }
    }

    /// Sends and receives what can be; what the server remarks may repeat values, and is heard by nobody.
    fn drive(&mut self, context: &mut Context<'_>) -> Result<(), tokio_postgres::Error> {
        loop {
            match (self.driven)(context) {
                Poll::Ready(Some(Ok(AsyncMessage::Notification(notification)))) => self.heard.push_back(notification),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => return Err(error),
                Poll::Ready(None) | Poll::Pending => return Ok(()),
            }
        }
    }

    /// Waits for an answer, and drives the connection meanwhile.
    async fn answer<T>(
        &mut self,
        asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, tokio_postgres::Error> {
        let mut asked = pin!(asked);
        poll_fn(|context| match self.drive(context) {
            Err(error) => Poll::Ready(Err(error)),
            Ok(()) => asked.as_mut().poll(context),
        })
        .await
    }
}

/// Waits until `work` is done or the patience is over.
async fn patiently<T>(work: impl Future<Output = T>, patience: &Patience) -> Result<T> {
    if !patience.ends() {
        return Ok(work.await);
    }
    let mut work = pin!(work);
    loop {
        let look = sleep(patience.look().max(Duration::from_millis(1)));
        tokio::select! {
            biased;
            done = &mut work => return Ok(done),
            () = look => patience.check(WAITED)?,
        }
    }
}

impl Client {
    /// Connects within `limit`, the time for the server's name and its greeting among it.
    pub(super) fn connect(
        config: &Config,
        tls: Option<MakeRustlsConnect>,
        limit: Duration,
        patience: &Patience,
    ) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|_| Error::storage("the system gives no means to wait for the database").retryable())?;
        let made = runtime.block_on(async {
            let made = async {
                match tls.clone() {
                    Some(tls) => connected(config, tls).await,
                    None => connected(config, NoTls).await,
                }
            };
            patiently(timeout(limit, made), patience).await
        });
        let failed = match made {
            Ok(Ok(Ok((client, wire)))) => return Ok(Self { runtime, client, wire, tls, given_up: false }),
            Ok(Ok(Err(error))) => failure::connecting(&error),
            Ok(Err(_)) => failure::unreachable_server(),
            Err(over) => over,
        };
        // A name that is still looked up is left to its thread.
        runtime.shutdown_background();
        Err(failed)
    }

    /// Whether nothing more can be done with it.
    pub(super) fn is_closed(&self) -> bool {
        self.given_up || self.client.is_closed()
    }

    pub(super) fn query_typed(
        &mut self,
        text: &str,
        params: &[(&(dyn ToSql + Sync), Type)],
        patience: &Patience,
    ) -> Result<Vec<Row>, Failure> {
        self.wait(patience, async |client| client.query_typed(text, params).await)
    }

    pub(super) fn query(
        &mut self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
        patience: &Patience,
    ) -> Result<Vec<Row>, Failure> {
        self.wait(patience, async |client| client.query(statement, params).await)
    }

    pub(super) fn prepare(&mut self, text: &str, types: &[Type], patience: &Patience) -> Result<Statement, Failure> {
        self.wait(patience, async |client| client.prepare_typed(text, types).await)
    }

    pub(super) fn batch(&mut self, text: &str, patience: &Patience) -> Result<(), Failure> {
        self.wait(patience, async |client| client.batch_execute(text).await)
    }

    /// The next notification, waited for no longer than `limit`.
    pub(super) fn notification(&mut self, limit: Duration) -> Result<Option<Notification>, Failure> {
        let Self { runtime, wire, .. } = self;
        let waited = runtime.block_on(async {
            let mut over = pin!(sleep(limit));
            poll_fn(|context| match wire.drive(context) {
                Err(error) => Poll::Ready(Err(error)),
                Ok(()) if !wire.heard.is_empty() => Poll::Ready(Ok(())),
                Ok(()) => over.as_mut().poll(context).map(Ok),
            })
            .await
        });
        waited.map_err(|error| failure::statement(&error))?;
        Ok(self.wire.heard.pop_front())
    }

    /// Asks the server. What nobody waits for any more, it is asked to give up, and so is the connection.
    fn wait<T>(
        &mut self,
        patience: &Patience,
        ask: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        if self.given_up {
            return Err(Failure::Lost(failure::lost()));
        }
        let Self { runtime, client, wire, tls, given_up } = self;
        let answered = runtime.block_on(async {
            let mut answer = pin!(wire.answer(ask(client)));
            match patiently(&mut answer, patience).await {
                Ok(answer) => Ok(answer),
                Err(over) => {
                    let stopped = async { tokio::join!(stop(client, tls.clone()), &mut answer).1 };
                    let answer = timeout(GIVING_UP, stopped).await;
                    // A request to stop may be on its way still, and would meet what is asked next: some servers signal twice.
                    *given_up = true;
                    match answer {
                        Ok(Ok(done)) => Ok(Ok(done)),
                        Ok(Err(_)) | Err(_) => Err(over),
                    }
                }
            }
        });
        match answered {
            Ok(answer) => answer.map_err(|error| failure::statement(&error)),
            Err(over) => Err(Failure::Refused(over)),
        }
    }
}

async fn connected<T>(config: &Config, tls: T) -> Result<(tokio_postgres::Client, Wire), tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let (client, connection) = config.connect(tls).await?;
    Ok((client, Wire::new(connection)))
}

/// Asks the server, on a connection of its own, to give up what it is at.
async fn stop(client: &tokio_postgres::Client, tls: Option<MakeRustlsConnect>) {
    let token = client.cancel_token();
    let asked = match tls {
        Some(tls) => token.cancel_query(tls).await,
        None => token.cancel_query(NoTls).await,
    };
    // Where it cannot be asked, it is not waited for either.
    drop(asked);
}
