//! Judging again from what is stored, without asking anybody.

use super::{BuiltinEvaluator, Evaluator, JudgeRequest, Judgement, builtin, panel};
use crate::domain::{Evaluation, EvaluatorInfo, PanelInfo};
use crate::error::{Error, ErrorKind, Result};

/// The judgement that an evaluation rests on.
///
/// # Errors
/// `unsupported` where it was made by others than this library's own evaluators, or has no replies.
pub(crate) fn replay(request: &JudgeRequest<'_>, kept: &Evaluation) -> Result<Judgement> {
    match panel::ours(&kept.evaluator) {
        None => one(request, kept, 0, &kept.evaluator),
        Some(PanelInfo { judges, .. }) => {
            // Refused, not absent: nobody knows what an application's own judge would have said.
            if let Some(foreign) = judges.iter().find(|info| !is_known(info)) {
                return Err(unknown(foreign));
            }
            let judged = (0_u32..).zip(judges).map(|(judge, info)| one(request, kept, judge, info)).collect();
            let info = panel::ours(&kept.evaluator).ok_or_else(|| unknown(&kept.evaluator))?;
            panel::combined(request, info, judged)
        }
    }
}

fn is_known(info: &EvaluatorInfo) -> bool {
    #[cfg(feature = "llm")]
    let judges = super::judge::is_ours(info);
    #[cfg(not(feature = "llm"))]
    let judges = false;
    judges || builtin::is_ours(info)
}

fn one(request: &JudgeRequest<'_>, kept: &Evaluation, judge: u32, info: &EvaluatorInfo) -> Result<Judgement> {
    if builtin::is_ours(info) {
        return BuiltinEvaluator::new().judge(request);
    }
    #[cfg(feature = "llm")]
    if super::judge::is_ours(info) {
        let calls: Vec<_> = kept.calls.iter().filter(|call| call.judge == judge).cloned().collect();
        let is_answered = |exchange: &crate::domain::Exchange| !exchange.answer.trim().is_empty();
        if !super::judge::has_reply(&calls) && request.exchanges.iter().any(is_answered) {
            return Err(Error::new(ErrorKind::Unsupported, "there are no replies to judge again from"));
        }
        return super::judge::judge_again(request, judge, calls);
    }
    let _ = (kept, judge);
    Err(unknown(info))
}

fn unknown(info: &EvaluatorInfo) -> Error {
    let EvaluatorInfo { provider, model, version, .. } = info;
    let words = format!("an evaluation by {provider} {model} {version} cannot be made again by this library");
    Error::new(ErrorKind::Unsupported, words)
}
