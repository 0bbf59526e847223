use super::*;

/// Everything that makes, uses or drops a connection.
fn use_store(url: &str) {
    let store = PostgresStore::open(url).unwrap();
    let (interview, session) = begun(&store);
    assert_eq!(store.step_session(answer(&session, "hello")).unwrap(), Written::Done);
    assert!(verify(&store, interview.id).is_sound());
    store.wait_for_notification(&tenant(), session.id, std::time::Duration::from_millis(300)).unwrap();
    store.close().unwrap();
    assert_eq!(store.health().unwrap_err().kind(), crate::ErrorKind::InvalidState);
    drop(store);
    // Dropped without being closed.
    drop(PostgresStore::open(url).unwrap());
    assert!(PostgresStore::open(&format!("{url}_missing")).is_err());
}

#[test]
fn a_store_lives_and_dies_in_any_async_context() {
    let url = Cluster::shared().create_database();
    let current = tokio::runtime::Builder::new_current_thread().build().unwrap();
    current.block_on(async { use_store(&url) });
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    multi.block_on(async {
        use_store(&url);
        let own = url.clone();
        tokio::spawn(async move { use_store(&own) }).await.unwrap();
        let own = url.clone();
        tokio::task::spawn_blocking(move || use_store(&own)).await.unwrap();
        let own = url.clone();
        tokio::spawn(async move { tokio::task::block_in_place(|| use_store(&own)) }).await.unwrap();
    });
    use_store(&url);
}
