//! What every store does alike below the engine: drafts, lists and versions of evaluations, their queue, kept replies and spending.

mod drafts;
mod evaluation_lists;
pub(crate) mod fixtures;
mod queue;
mod replies;
mod spending;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod upgrade;
mod versions;

use std::ops::Deref;

use super::Store;

/// Makes of each test of a store one test for each kind of store.
macro_rules! on_every_store {
    ($(fn $name:ident($store:ident: &TestStore) $body:block)*) => {$(
        mod $name {
            use super::*;
            use crate::store::tests::TestStore;

            fn check($store: &TestStore) $body

            #[test]
            fn memory() {
                check(&TestStore::memory());
            }

            #[test]
            #[cfg(feature = "sqlite")]
            fn sqlite_file() {
                check(&TestStore::sqlite_file());
            }

            #[test]
            #[cfg(feature = "sqlite")]
            fn sqlite_memory() {
                check(&TestStore::sqlite_memory());
            }

            #[test]
            #[cfg(feature = "postgres")]
            fn postgres() {
                check(&TestStore::postgres());
            }
        }
    )*};
}
use on_every_store;

/// A store that a test has to itself.
struct TestStore {
    /// Opened twice where it can be, as by two processes.
    stores: Vec<Box<dyn Store>>,
    fresh: fn() -> Self,
    _directory: Option<tempfile::TempDir>,
}

impl Deref for TestStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.stores[0]
    }
}

impl TestStore {
    fn open(url: &str, times: usize, fresh: fn() -> Self) -> Self {
        let stores = (0..times).map(|_| super::open(url).unwrap()).collect();
        Self { stores, fresh, _directory: None }
    }

    fn memory() -> Self {
        Self::open("memory:", 1, Self::memory)
    }

    #[cfg(feature = "sqlite")]
    fn sqlite_file() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("store.db").display());
        Self { _directory: Some(directory), ..Self::open(&url, 2, Self::sqlite_file) }
    }

    #[cfg(feature = "sqlite")]
    fn sqlite_memory() -> Self {
        Self::open("sqlite::memory:", 1, Self::sqlite_memory)
    }

    #[cfg(feature = "postgres")]
    fn postgres() -> Self {
        Self::open(&vivavoce_test_support::Cluster::shared().create_database(), 2, Self::postgres)
    }

    /// Another, empty store of this kind.
    fn another(&self) -> Self {
        (self.fresh)()
    }

    /// Runs `work` on many threads that begin together, each with one of the places where the store is open.
    fn together<T: Send>(&self, threads: usize, work: impl Fn(usize, &dyn Store) -> T + Sync) -> Vec<T> {
        let start = std::sync::Barrier::new(threads);
        std::thread::scope(|scope| {
            let (start, work) = (&start, &work);
            let all: Vec<_> = (0..threads)
                .map(|place| {
                    let store = &*self.stores[place % self.stores.len()];
                    scope.spawn(move || {
                        start.wait();
                        work(place, store)
                    })
                })
                .collect();
            all.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }
}
