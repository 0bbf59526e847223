use std::thread;

use super::*;
use crate::ErrorKind;
use crate::store::postgres::migrate;
use vivavoce_test_support::ClusterOptions;

fn with(url: &str, parameters: &str) -> crate::Result<PostgresStore> {
    PostgresStore::open(&format!("{url}?{parameters}"))
}

#[test]
fn ten_may_open_an_empty_database_at_once() {
    let url = Cluster::shared().create_database();
    thread::scope(|scope| {
        let opening: Vec<_> = (0..10).map(|_| scope.spawn(|| PostgresStore::open(&url))).collect();
        for store in opening {
            assert_eq!(store.join().unwrap().unwrap().health().unwrap().schema_version, migrate::latest());
        }
    });
}

#[test]
fn schemas_are_apart_and_other_tables_are_left_alone() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    cluster.sql(&database, "CREATE TABLE interviews (mine int); CREATE TABLE sessions (mine int)");
    let url = cluster.url(&database);
    let long = format!("schema={}", "s".repeat(63));
    let stores: Vec<_> = ["schema=one", "schema=two", &long].iter().map(|schema| with(&url, schema).unwrap()).collect();
    for store in &stores {
        let (interview, session) = begun(store);
        store.wait_for_notification(&tenant(), session.id, std::time::Duration::from_millis(200)).unwrap();
        store.step_session(answer(&session, "x")).unwrap();
        assert!(verify(store, interview.id).is_sound());
        assert_eq!(store.export(None, 10).unwrap().len(), 1);
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    drop(PostgresStore::open(&cluster.url(&database)).unwrap());
    cluster.sql(&database, "INSERT INTO vivavoce.schema_migrations (version) VALUES (1000)");
    let error = PostgresStore::open(&cluster.url(&database)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn rights_and_passwords_are_checked_by_the_server() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    cluster.sql(&database, "CREATE ROLE clerk LOGIN PASSWORD 'p@ss word'");
    let url = |password: &str| format!("postgres://clerk:{password}@127.0.0.1:{}/{database}", cluster.port());
    let refused = |url: &str, code: &str| {
        let error = PostgresStore::open(url).err().unwrap();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, false), "{error}");
        assert!(error.to_string().contains(code), "{error}");
        assert!(!format!("{error:?}").contains("ss word"), "{error:?}");
    };
    refused(&url("wrong"), "28P01");
    // There is no schema yet, and no right to make one.
    refused(&url("p%40ss%20word"), "42501");
    drop(PostgresStore::open(&cluster.url(&database)).unwrap());
    cluster.sql(
        &database,
        "GRANT USAGE ON SCHEMA vivavoce TO clerk; GRANT ALL ON ALL TABLES IN SCHEMA vivavoce TO clerk; \
         GRANT ALL ON ALL SEQUENCES IN SCHEMA vivavoce TO clerk",
    );
    begun(&PostgresStore::open(&url("p%40ss%20word")).unwrap());
    cluster.sql(&database, "REVOKE ALL ON vivavoce.messages FROM clerk");
    let store = PostgresStore::open(&url("p%40ss%20word")).unwrap();
    let interview = interview("Ada");
    store.create_interview(creation(&interview, None)).unwrap();
    let error = store.start_session(beginning(&interview, None)).unwrap_err();
    assert!(error.to_string().contains("42501") && !error.is_retryable(), "{error}");
    refused(&cluster.url("nowhere"), "3D000");
}

#[test]
fn unix_sockets_and_several_hosts_are_reached() {
    let cluster = Cluster::shared();
    let database = cluster.new_database();
    let directory = cluster.socket_directory().display().to_string();
    let (port, encoded) = (cluster.port(), directory.replace('/', "%2F"));
    begun(&PostgresStore::open(&format!("postgres://postgres@{encoded}:{port}/{database}")).unwrap());
    begun(&PostgresStore::open(&format!("postgres://postgres@/{database}?host={directory}&port={port}")).unwrap());
    // Nobody listens on port 1.
    let url = format!("postgres://postgres@127.0.0.1:1,127.0.0.1:{port}/{database}?target_session_attrs=read-write");
    begun(&PostgresStore::open(&url).unwrap());
    let error = PostgresStore::open("postgres://postgres@127.0.0.1:1/x").err().unwrap();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, true), "{error}");
    cluster.sql(&database, &format!("ALTER DATABASE {database} SET default_transaction_read_only = on"));
    let error = PostgresStore::open(&url).err().unwrap();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, true), "{error}");
}

#[test]
fn every_sslmode_checks_what_it_says() {
    // The certificate is for the first of the two addresses.
    let settings = vec!["listen_addresses = '127.0.0.1,127.0.0.2'".to_owned()];
    let cluster = Cluster::start_with(&ClusterOptions { fsync: false, tls: true, settings });
    let plain = Cluster::shared();
    let by_name = |name: &str| format!("postgres://postgres@{name}:{}/postgres", cluster.port());
    let (ip, other) = (by_name("127.0.0.1"), by_name("127.0.0.2"));
    let (good, bad) = (cluster.ca_certificate(), cluster.other_ca_certificate());
    let (good, bad) = (format!("sslrootcert={}", good.display()), format!("sslrootcert={}", bad.display()));
    let encrypted = |server: &str, parameters: &str| {
        let schema = format!("s{}", unique());
        let url = format!("{server}?schema={schema}&application_name={schema}&{parameters}");
        PostgresStore::open(&url).map(|store| {
            begun(&store);
            let sql = format!(
                "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = '{schema}'"
            );
            cluster.sql("postgres", &sql) == "t"
        })
    };
    for (server, parameters, expected) in [
        (&ip, "sslmode=disable", Some(false)),
        (&ip, "sslmode=prefer", Some(true)),
        (&ip, "sslmode=require", Some(true)),
        (&ip, &format!("sslmode=require&{good}"), Some(true)),
        (&ip, &format!("sslmode=require&{bad}"), None),
        (&ip, &format!("sslmode=verify-ca&{good}"), Some(true)),
        (&ip, &format!("sslmode=verify-ca&{bad}"), None),
        (&ip, &format!("sslmode=verify-full&{good}"), Some(true)),
        (&ip, &format!("sslmode=verify-full&{bad}"), None),
        (&other, "sslmode=require", Some(true)),
        (&other, &format!("sslmode=verify-ca&{good}"), Some(true)),
        (&other, &format!("sslmode=verify-full&{good}"), None),
    ] {
        match (encrypted(server, parameters), expected) {
            (Ok(encrypted), Some(expected)) => assert_eq!(encrypted, expected, "{parameters}"),
            (Err(error), None) => {
                assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, false), "{parameters}: {error}");
            }
            (Err(error), Some(_)) => panic!("{parameters}: {error:?}"),
            (Ok(_), None) => panic!("{parameters} was accepted"),
        }
    }
    // A server without TLS.
    begun(&with(&plain.create_database(), "sslmode=prefer").unwrap());
    let error = with(&plain.create_database(), "sslmode=require").err().unwrap();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Storage, false), "{error}");
    let error = with(&plain.create_database(), "sslmode=require&sslrootcert=/nowhere").err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
