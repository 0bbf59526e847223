//! What graders taught the built-in evaluator.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::domain::calibration_moved;
use crate::error::Result;
use crate::store::{KeptCalibration, Tenant};

/// By tenant, name and version.
#[derive(Default)]
pub(super) struct Calibrations(Mutex<BTreeMap<(Tenant, String, u32), KeptCalibration>>);

impl Calibrations {
    pub(super) fn keep(&self, new: KeptCalibration) -> KeptCalibration {
        let mut all = self.0.lock();
        let of_name = (Tenant::clone(&new.tenant), new.name.clone(), 0)
            ..=(Tenant::clone(&new.tenant), new.name.clone(), u32::MAX);
        let newest = all.range(of_name).next_back().map(|(_, kept)| kept);
        let version = match newest {
            Some(newest) if newest.document == new.document => return newest.clone(),
            newest => newest.map_or(0, |newest| newest.version) + 1,
        };
        let new = KeptCalibration { version, ..new };
        all.insert((Tenant::clone(&new.tenant), new.name.clone(), version), new.clone());
        new
    }

    pub(super) fn import(&self, given: &KeptCalibration) -> Result<()> {
        let place = (Tenant::clone(&given.tenant), given.name.clone(), given.version);
        let mut all = self.0.lock();
        let known = all.entry(place).or_insert_with(|| given.clone());
        if known.document == given.document { Ok(()) } else { Err(calibration_moved(&given.name, given.version)) }
    }

    pub(super) fn read(&self, tenant: &Tenant, name: &str, version: Option<u32>) -> Option<KeptCalibration> {
        let place = |version| (Tenant::clone(tenant), name.to_owned(), version);
        let all = self.0.lock();
        let (from, to) = (version.unwrap_or(0), version.unwrap_or(u32::MAX));
        all.range(place(from)..=place(to)).next_back().map(|(_, kept)| kept.clone())
    }

    pub(super) fn list(&self, tenant: Option<&Tenant>) -> Vec<KeptCalibration> {
        let all = self.0.lock();
        all.values().filter(|kept| tenant.is_none_or(|tenant| *tenant == kept.tenant)).cloned().collect()
    }
}
