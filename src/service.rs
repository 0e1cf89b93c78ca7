//! The service: opens the data folder, starts the line and the admin port, waits for the end.

use std::fmt::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use article::clock::Clock;
use ingest::{Counts, DataFolder, LockError, Metrics};
use sink::{Journal, KafkaPublisher, Status};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::http::{self, Admin};
use crate::line::{self, Line};
use crate::storage::{Storage, upkeep};

/// Longest wait for the line to end after a stop; the exit does not depend on it.
const GRACE: Duration = Duration::from_secs(8);
/// Longest wait for a publisher's transaction.
const PUBLISHER_GRACE: Duration = Duration::from_secs(2);
/// Why the service was not started: the operator can mend it.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl Refused {
    /// With what to do about it.
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// A running service.
pub(crate) struct Service {
    /// Where the admin port listens.
    pub(crate) admin: SocketAddr,
    /// The shards' journals.
    pub(crate) journals: Vec<Journal>,
    metrics: Arc<Metrics>,
    publishers: Arc<Vec<KafkaPublisher>>,
    tasks: tokio::task::JoinSet<anyhow::Result<()>>,
    stages: tokio::task::JoinSet<anyhow::Result<()>>,
    stop: CancellationToken,
    late: CancellationToken,
    _folder: DataFolder,
}

/// `khobor run`.
pub(crate) async fn command(config: Config) -> anyhow::Result<ExitCode> {
    let service = start(config).await?;
    tracing::info!(admin = %service.admin, "khobor runs");
    let stop = service.stop.clone();
    let ended = service.wait(stop_signal(), stop).await?;
    tracing::info!(summary = %summary(&ended), "khobor ended");
    Ok(ExitCode::SUCCESS)
}

/// Starts everything; nothing is left behind where a part cannot start.
pub(crate) async fn start(config: Config) -> anyhow::Result<Service> {
    let folder =
        DataFolder::open(&config.data_dir, config.shards).map_err(|error| match error {
            LockError::Io { .. } => anyhow::Error::new(error),
            error => Refused(format!("{error}; nothing was started")).into(),
        })?;
    for note in &config.notes {
        tracing::warn!(note, "an outline of the feed list is left out");
    }
    let clock = Clock::system();
    let bound = http::bind(config.admin.listen).await?;
    let admin = bound.address;
    let Line { shards, journals, publishers, stages } =
        line::start(&config, &folder, &clock).await?;
    let publishers = Arc::new(publishers);
    let metrics = Arc::new(Metrics::default());
    let storage = Storage {
        folder: config.data_dir.clone(),
        journals: journals.clone(),
        ledgers: shards.iter().map(|shard| shard.ledger.clone()).collect(),
        max_bytes: config.journal.max_bytes,
    };
    let (pause, paused) = watch::channel(false);
    let (stop, late) = (CancellationToken::new(), CancellationToken::new());
    let mut tasks = tokio::task::JoinSet::new();
    let face = face(&metrics, storage.clone(), &publishers, &stop);
    let admin_ends = late.clone();
    tasks.spawn(async move {
        http::serve(bound, face, admin_ends).await;
        Ok(())
    });
    tasks.spawn(upkeep(storage, config.journal.max_age.0, pause, late.clone()));
    let (mut settings, counted, ends) = (config.ingest(), Arc::clone(&metrics), stop.clone());
    // Whatever a feed links to, it is not our own console.
    settings.fetch.deny_ports.push(admin.port());
    let mut stages = stages;
    stages.spawn(async move {
        ingest::run(settings, shards, clock, counted, paused, ends).await.context("ingest ended")
    });
    Ok(Service { admin, journals, metrics, publishers, tasks, stages, stop, late, _folder: folder })
}

impl Service {
    /// Runs until `signal`, then stops ingest, and waits for what is under way to become durable.
    pub(crate) async fn wait(
        mut self,
        signal: impl Future<Output = ()>,
        stop: CancellationToken,
    ) -> anyhow::Result<Counts> {
        let fault = |ended: Result<anyhow::Result<()>, tokio::task::JoinError>| {
            let ended = ended.context("a stage panicked").flatten();
            ended.inspect_err(|error| {
                tracing::error!(error = format!("{error:#}"), "a stage failed");
            })
        };
        // The first fault is the exit's; a stage may end well because another one failed.
        let mut ended_well = Ok(());
        tokio::select! {
            () = signal => {}
            Some(ended) = self.stages.join_next() => ended_well = fault(ended),
        }
        stop.cancel();
        let drained = async {
            while let Some(ended) = self.stages.join_next().await {
                let ended = fault(ended);
                if ended_well.is_ok() {
                    ended_well = ended;
                }
            }
        };
        if tokio::time::timeout(GRACE, drained).await.is_err() {
            tracing::warn!("the line did not end in time; what is not durable stays pending");
        }
        for publisher in self.publishers.iter() {
            publisher.stop();
        }
        let finished = async {
            while !self.publishers.iter().all(KafkaPublisher::is_finished) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        // The journal is the truth: a publisher that is cut off goes on from its cursor next time.
        let _ = tokio::time::timeout(PUBLISHER_GRACE, finished).await;
        self.late.cancel();
        self.tasks.abort_all();
        ended_well.map(|()| self.metrics.counts())
    }

    /// What stops ingest.
    pub(crate) fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }
}

/// Resolves at the first SIGINT or SIGTERM. Later ones change nothing: what follows is bounded by
/// [`GRACE`] and [`PUBLISHER_GRACE`].
pub(crate) async fn stop_signal() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// One line that adds up: seen = recorded + unchanged + duplicates + known + refused + pending.
pub(crate) fn summary(counts: &Counts) -> String {
    let mut text = format!(
        "{} entries seen = {} recorded + {} unchanged + {} duplicates + {} older than the first look",
        counts.entries_seen, counts.recorded, counts.unchanged, counts.duplicates, counts.known_old
    );
    for (reason, count) in &counts.refused {
        let _ = write!(text, " + {count} refused ({reason})");
    }
    let _ = write!(text, " + {} pending", counts.pending);
    text
}

/// What the admin port shows.
fn face(
    metrics: &Arc<Metrics>,
    storage: Storage,
    publishers: &Arc<Vec<KafkaPublisher>>,
    stop: &CancellationToken,
) -> Admin {
    let (metrics, shown) = (Arc::clone(metrics), storage.journals.clone());
    let (publishers, stop) = (Arc::clone(publishers), stop.clone());
    let behind = Arc::clone(&publishers);
    Admin {
        metrics: Box::new(move || {
            let mut text = String::new();
            metrics.render(&mut text);
            let durable: u64 = shown.iter().map(Journal::durable).sum();
            let _ = writeln!(
                text,
                "# TYPE khobor_journal_rows_total counter\nkhobor_journal_rows_total {durable}"
            );
            let published: u64 = behind.iter().map(KafkaPublisher::cursor).sum();
            let _ = writeln!(
                text,
                "# TYPE khobor_published_rows_total counter\nkhobor_published_rows_total {published}"
            );
            text
        }),
        unready: Box::new(move || {
            let mut reasons = Vec::new();
            if stop.is_cancelled() {
                reasons.push("stopping".to_owned());
            }
            reasons.extend(storage.faults());
            if storage.is_full() {
                let names = if publishers.is_empty() { "nobody" } else { "publisher kafka" };
                reasons
                    .push(format!("journal: at max_bytes, {names} has not passed; polling pauses"));
            }
            for publisher in publishers.iter() {
                match publisher.status() {
                    Status::Healthy => {}
                    Status::Waiting { reason } => reasons.push(format!("kafka: waiting: {reason}")),
                    Status::Refused { reason } => reasons.push(format!("kafka: refused: {reason}")),
                    Status::Stopped => reasons.push("kafka: stopped".to_owned()),
                }
            }
            reasons
        }),
    }
}
