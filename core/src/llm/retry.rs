//! One call: attempt after attempt, model after model, within the deadline, the rates and the budgets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::client::{Answer, Outcome, Route, Shared, Told, told};
use super::failure::{Cause, Failure, Retry};
use super::flights::{Flight, Heard};
use super::prompt::{Prompt, Reply};
use super::provider::{Head, HttpRequest, Partial};
use super::quota::Amount;
use super::reply_cache::Reservation;
use super::response;
use super::stream::Cutter;
use crate::domain::{Parameters, Tokens};
use crate::error::{Error, ErrorKind, Result};

/// Between two attempts, at most so many times the first pause.
const LONGEST_BACKOFF: u32 = 16;
/// What a chat template and the like add to what is sent, in tokens, at most.
const ADDED_TOKENS: u64 = 1_024;
/// The longest event of a streamed reply, in bytes: far above what a few words need.
const LONGEST_EVENT: usize = 1024 * 1024;

/// All that a thread needs to make one call.
pub(super) struct Job {
    pub(super) shared: Arc<Shared>,
    pub(super) routes: Vec<Route>,
    pub(super) prompt: Prompt,
    pub(super) tenant: Arc<str>,
    /// Whether what is kept in the store may be looked at.
    pub(super) is_owned: bool,
    pub(super) deadline: Option<Instant>,
    pub(super) streamed: bool,
}

/// Why a route leads no further.
enum End {
    /// Another model may do better.
    Next(Told),
    /// No model is to be asked any more.
    Stop(Told),
}

/// What was set aside for one attempt.
struct Reserved {
    amount: Amount,
    engine: Option<chrono::DateTime<chrono::Utc>>,
    tenant: Option<(String, chrono::DateTime<chrono::Utc>)>,
}

impl Job {
    /// Makes the call.
    pub(super) fn run(&self, flight: &Flight<Outcome>) -> Outcome {
        let began = Instant::now();
        let mut tries = 0;
        let mut failed: Vec<Told> = Vec::new();
        for (place, route) in self.routes.iter().enumerate() {
            // The first one was looked for before.
            if place > 0
                && let Some(answer) = self.shared.kept(route, self.is_owned)
            {
                return Ok(answer);
            }
            match self.follow(route, flight, &mut tries) {
                Ok((reply, parameters)) => {
                    let cost = route.price.map(|price| price.nanos(reply.tokens) as f64 / 1e9);
                    let answer = Answer {
                        text: reply.text,
                        model: route.name.clone(),
                        answered_by: reply.model,
                        request_id: reply.request_id,
                        parameters,
                        tokens: reply.tokens,
                        cost,
                        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                        tries,
                        cached: false,
                    };
                    return Ok(answer);
                }
                Err(End::Next(told)) => failed.push(told),
                Err(End::Stop(told)) => {
                    failed.push(told);
                    break;
                }
            }
        }
        Err(Told { tries, ..summary(failed) })
    }

    /// Asks one model until it replies or there is no more sense in it.
    fn follow(
        &self,
        route: &Route,
        flight: &Flight<Outcome>,
        tries: &mut u32,
    ) -> std::result::Result<(Reply, Parameters), End> {
        let mut prompt = self.prompt.clone();
        for parameter in self.shared.slot(route, |slot| slot.refused.clone()) {
            prompt.parameters = parameter.removed_from(prompt.parameters).unwrap_or(prompt.parameters);
        }
        let protocol = route.provider.protocol();
        let mut retries = 0;
        loop {
            let now = Instant::now();
            if let Err(pause) = self.shared.slot(route, |slot| slot.breaker.admit(now)) {
                let told = Told {
                    kind: ErrorKind::Provider,
                    message: format!("{}: left alone for a while after failures in a row", route.name),
                    retryable: true,
                    retry_after: Some(pause),
                    tries: 0,
                };
                return Err(End::Next(told));
            }
            let request = protocol.request(&route.provider, route.name.model(), &prompt, self.streamed);
            let most = Tokens { input: request.body.0.len() as u64 + ADDED_TOKENS, output: prompt.max_tokens.into() };
            self.take_turn(route, flight, most)?;
            let reserved = self.reserve(route, most).map_err(|error| End::Next(self.undo_turn(route, most, &error)))?;
            *tries += 1;
            let result = self.attempt(route, &request, flight);
            self.settle(route, &reserved, most, &result);
            let failure = match result {
                Ok(reply) => {
                    self.shared.slot(route, |slot| slot.breaker.succeed());
                    return Ok((reply, protocol.parameters(prompt.parameters)));
                }
                Err(failure) => failure,
            };
            let is_absent = is_absent(&failure);
            self.shared.slot(route, |slot| match is_absent {
                true => slot.breaker.fail(Instant::now()),
                false => slot.breaker.succeed(),
            });
            tracing::debug!(model = %route.name, cause = ?failure.cause, status = failure.status, "asking failed");
            if let Cause::Parameter(parameter) = failure.cause
                && let Some(parameters) = parameter.removed_from(prompt.parameters)
            {
                prompt.parameters = parameters;
                self.shared.slot(route, |slot| slot.refused.push(parameter));
                continue;
            }
            if matches!(failure.cause, Cause::Refused | Cause::Filtered) {
                return Err(End::Stop(told(&route.name, &failure)));
            }
            let Retry::After(asked) = failure.retry else { return Err(End::Next(told(&route.name, &failure))) };
            if retries >= self.shared.models.retries {
                return Err(End::Next(told(&route.name, &failure)));
            }
            let pause = asked.unwrap_or_default().max(self.backoff(retries));
            self.pause(flight, pause).map_err(|end| match end {
                Pause::TooLong => End::Next(told(&route.name, &failure)),
                Pause::Unwanted => End::Stop(unwanted()),
            })?;
            retries += 1;
        }
    }

    /// A random part of a pause that doubles: full jitter.
    fn backoff(&self, retries: u32) -> Duration {
        let factor = 1_u32.checked_shl(retries).unwrap_or(u32::MAX).min(LONGEST_BACKOFF);
        let longest = self.shared.models.backoff.saturating_mul(factor);
        let part = ((self.shared.surroundings.random)() >> 11) as f64 / (1_u64 << 53) as f64;
        longest.mul_f64(part)
    }

    /// Lets time pass, where the deadline has it and somebody still waits.
    fn pause(&self, flight: &Flight<Outcome>, pause: Duration) -> std::result::Result<(), Pause> {
        let end = Instant::now().checked_add(pause);
        if self.deadline.is_some_and(|deadline| end.is_none_or(|end| end >= deadline)) {
            return Err(Pause::TooLong);
        }
        match flight.pause(pause) {
            true => Ok(()),
            false => Err(Pause::Unwanted),
        }
    }

    /// Waits for a turn within the rate limits.
    fn take_turn(&self, route: &Route, flight: &Flight<Outcome>, most: Tokens) -> std::result::Result<(), End> {
        loop {
            let now = Instant::now();
            let turn = |slot: &mut super::client::Slot| match &mut slot.rate {
                Some(rate) => rate.take(most.input + most.output, now),
                None => Ok(()),
            };
            let Err(wait) = self.shared.slot(route, turn) else { return Ok(()) };
            self.pause(flight, wait).map_err(|end| match end {
                Pause::TooLong => End::Next(Told {
                    kind: ErrorKind::Limited,
                    message: format!("{}: the rate limit is reached", route.name),
                    retryable: true,
                    retry_after: Some(wait),
                    tries: 0,
                }),
                Pause::Unwanted => End::Stop(unwanted()),
            })?;
        }
    }

    fn undo_turn(&self, route: &Route, most: Tokens, error: &Error) -> Told {
        self.give_back(route, most.input + most.output);
        Told::from(error)
    }

    fn give_back(&self, route: &Route, tokens: u64) {
        self.shared.slot(route, |slot| {
            if let Some(rate) = &mut slot.rate {
                rate.give_back(tokens, Instant::now());
            }
        });
    }

    /// Sets aside what an attempt may use at most, in both budgets or in none.
    fn reserve(&self, route: &Route, most: Tokens) -> Result<Reserved> {
        let models = &self.shared.models;
        let now = (self.shared.surroundings.now)();
        let amount = amount(route, most);
        for (whose, budget) in [("engine", &models.budget), ("tenant", &models.tenant_budget)] {
            if let Some(reason) = budget.as_ref().and_then(|budget| budget.too_small_for(amount)) {
                let words = format!("the {whose}'s budget for language models is {reason}");
                return Err(Error::new(ErrorKind::Limited, words));
            }
        }
        let mut reserved = Reserved { amount, engine: None, tenant: None };
        if let Some(budget) = &models.budget {
            let (period, end) = budget.period.around(now);
            if !self.shared.spending.lock().reserve(budget, period, amount) {
                return Err(spent("engine", now, end));
            }
            reserved.engine = Some(period);
        }
        if let Some(budget) = &models.tenant_budget {
            let (period, end) = budget.period.around(now);
            let scope = budget.scope(&self.tenant);
            let kept = self.shared.surroundings.keeper.reserve(&Reservation {
                scope: scope.clone(),
                period,
                amount,
                most_tokens: budget.tokens,
                most_nanos: budget.nanos(),
            });
            if !matches!(kept, Ok(true)) {
                self.return_to_engine(&reserved, amount);
                return Err(kept.err().unwrap_or_else(|| spent("tenant", now, end)));
            }
            reserved.tenant = Some((scope, period));
        }
        Ok(reserved)
    }

    fn return_to_engine(&self, reserved: &Reserved, back: Amount) {
        if let Some(period) = reserved.engine {
            self.shared.spending.lock().settle(period, back);
        }
    }

    /// Gives back what an attempt did not use. What is not known, because no reply came, counts as used.
    fn settle(&self, route: &Route, reserved: &Reserved, most: Tokens, result: &std::result::Result<Reply, Failure>) {
        let used = match result {
            Ok(reply) => reply.tokens,
            Err(failure) if was_not_served(failure) => Tokens::default(),
            Err(_) => most,
        };
        self.shared.counters.attempt(result.as_ref().err(), if result.is_ok() { used } else { Tokens::default() });
        let back = reserved.amount.less(amount(route, used));
        self.return_to_engine(reserved, back);
        if let Some((scope, period)) = &reserved.tenant
            && back != Amount::default()
            && self.shared.surroundings.keeper.settle(scope, *period, back).is_err()
        {
            tracing::warn!("a tenant's budget was not given back what a call did not use");
        }
        self.give_back(route, (most.input + most.output).saturating_sub(used.input + used.output));
    }

    /// One request, and what came of it.
    fn attempt(
        &self,
        route: &Route,
        request: &HttpRequest,
        flight: &Flight<Outcome>,
    ) -> std::result::Result<Reply, Failure> {
        let protocol = route.provider.protocol();
        let received_at = || (self.shared.surroundings.now)().timestamp();
        let mut body = Vec::new();
        let mut partial: Option<Partial> = None;
        let mut cutter = Cutter::new(protocol.framing(), LONGEST_EVENT);
        let mut told = 0;
        let streamed = self.streamed;
        let taken = self.shared.transport.send(
            request,
            route.reach,
            self.shared.models.time_limits,
            self.deadline,
            &received_at,
            |head, chunk| {
                if !streamed || !response::is_success(head) {
                    body.extend_from_slice(chunk);
                    return Ok(());
                }
                if !flight.is_wanted() {
                    return Err(Failure::permanent(Cause::Broken));
                }
                let partial = partial.get_or_insert_with(|| protocol.begin(head));
                cutter.push(chunk, |event| protocol.event(partial, event))?;
                if partial.text.len() > told {
                    flight.say(Heard::Text(partial.text[told..].to_owned()));
                    told = partial.text.len();
                }
                Ok(())
            },
        );
        let result = taken.and_then(|head: Head| {
            if streamed && response::is_success(&head) {
                let mut partial = partial.take().unwrap_or_else(|| protocol.begin(&head));
                cutter.end(|event| protocol.event(&mut partial, event))?;
                protocol.finish(partial)
            } else {
                protocol.reply(&head, &body)
            }
        });
        if result.is_err() && told > 0 {
            flight.say(Heard::Restart);
        }
        result
    }
}

/// Why there is no pause.
enum Pause {
    TooLong,
    Unwanted,
}

/// Whether a failure tells that the service is not there, rather than that it did not like what it was asked.
fn is_absent(failure: &Failure) -> bool {
    matches!(
        failure.cause,
        Cause::Connect | Cause::Broken | Cause::Timeout | Cause::Unreadable | Cause::ServerError | Cause::Overloaded
    )
}

/// Whether nothing can have been used: the request did not arrive, or was answered with a refusal of the service's before a model saw it.
fn was_not_served(failure: &Failure) -> bool {
    match failure.status {
        Some(status) => status >= 300,
        None => matches!(failure.cause, Cause::Connect | Cause::Address),
    }
}

fn amount(route: &Route, tokens: Tokens) -> Amount {
    Amount {
        tokens: tokens.input.saturating_add(tokens.output),
        nanos: route.price.map_or(0, |price| price.nanos(tokens)),
    }
}

fn spent(whose: &str, now: chrono::DateTime<chrono::Utc>, end: chrono::DateTime<chrono::Utc>) -> Error {
    let error = Error::new(
        ErrorKind::Limited,
        format!("the {whose}'s budget for language models does not have what a call may use"),
    );
    match (end - now).to_std() {
        Ok(left) => error.retryable_after(left),
        Err(_) => error,
    }
}

fn unwanted() -> Told {
    let message = "nobody waits for the language model any more".into();
    Told { kind: ErrorKind::Timeout, message, retryable: true, retry_after: None, tries: 0 }
}

/// What is told of several failures: the last one's kind, and all reasons. It can succeed later where one of the models can.
fn summary(failed: Vec<Told>) -> Told {
    let retryable = failed.iter().any(|told| told.retryable);
    let retry_after = failed.iter().filter(|told| told.retryable).filter_map(|told| told.retry_after).min();
    let message = failed.iter().map(|told| told.message.as_str()).collect::<Vec<_>>().join("; ");
    let kind = failed.last().map_or(ErrorKind::Internal, |told| told.kind);
    Told { kind, message, retryable, retry_after, tries: 0 }
}
