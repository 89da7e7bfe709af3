//! One host over ssh: keeps the session, asks for what is wanted, and hands over what the readers say.

use super::{
    address::Address,
    background::Background,
    link::SshLink,
    machine::MachineOptions,
    queue::{self, Connecting},
    session::Closed,
};
use manytop_plugin::{
    clock::Moment,
    provider::{
        Class, Failure, Polling, Provider, Selection, SignalOutcome, SignalRequest, Signalling,
        Waiting,
    },
    reading::PollResult,
};
use std::time::Duration;

/// A host with answers slower than this is far: bytes cost more than packing them.
const FAR: Duration = Duration::from_millis(25);

/// A host that is read over ssh.
pub struct SshHost {
    address: Address,
    shown: MachineOptions,
    /// Signals may be sent to its processes.
    signals: bool,
    link: Option<SshLink>,
    connecting: Option<Connecting>,
    /// Set after failures that only the user can repair.
    pause: queue::Pause,
    background: Background,
    /// The shortest time that an answer took.
    shortest: Option<Duration>,
    stage: PollStage,
}

/// How far a poll has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum PollStage {
    Idle,
    LoggingIn,
    Asking,
}

impl SshHost {
    /// A host that has not been asked yet.
    pub fn new(address: Address, shown: MachineOptions, signals: bool) -> SshHost {
        SshHost {
            address,
            shown,
            signals,
            link: None,
            connecting: None,
            pause: queue::Pause::default(),
            background: Background::default(),
            shortest: None,
            stage: PollStage::Idle,
        }
    }

    /// The log-in under way, or a new one. A poll that is given up leaves it going on.
    fn connecting(&mut self) -> &mut Connecting {
        let far = self.shortest.is_some_and(|shortest| shortest > FAR);
        self.connecting.get_or_insert_with(|| Connecting::begin(self.address.clone(), far))
    }

    async fn log_in(&mut self) -> Result<SshLink, Failure> {
        if let Some(failure) = self.pause.holds(Moment::now()) {
            return Err(failure);
        }
        self.stage = PollStage::LoggingIn;
        let result = self.connecting().wait().await;
        self.connecting = None;
        let session = match result {
            Ok(session) => session,
            Err(failure) => return Err(self.pause.after(failure, Moment::now())),
        };
        self.pause = queue::Pause::default();
        self.background = std::mem::take(&mut self.background).renewed();
        Ok(SshLink::new(session, &self.shown))
    }

    async fn send_signal(
        &mut self,
        request: &SignalRequest,
    ) -> Result<Vec<SignalOutcome>, Failure> {
        // dropped with this future, as in a poll
        let Some(mut link) = self.link.take() else {
            return Err(Failure::new(
                Class::Unreachable,
                "not connected; the next session is being opened",
            ));
        };
        self.stage = PollStage::Asking;
        match link.signal(request, &mut self.background).await {
            Ok(result) => {
                self.link = result.is_ok().then_some(link);
                self.stage = PollStage::Idle;
                result
            }
            Err(Closed) => Err(link.session.explain(&self.address, true).await),
        }
    }

    async fn ask(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        // dropped with this future, which ends the session: an answer may be half read
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.log_in().await?,
        };
        self.stage = PollStage::Asking;
        let began = Moment::now();
        match link.poll(want, &mut self.background).await {
            Ok(Ok(answer)) => {
                let took = Moment::now().since(began);
                self.shortest = Some(self.shortest.map_or(took, |shortest| shortest.min(took)));
                self.link = Some(link);
                self.stage = PollStage::Idle;
                Ok(answer)
            }
            Ok(Err(failure)) => Err(failure),
            Err(Closed) => Err(link.session.explain(&self.address, true).await),
        }
    }
}

impl Provider for SshHost {
    fn poll<'a>(&'a mut self, want: &'a Selection) -> Polling<'a> {
        Box::pin(self.ask(want))
    }

    fn takes_signals(&self) -> Option<bool> {
        Some(self.signals)
    }

    fn signal<'a>(&'a mut self, request: &'a SignalRequest) -> Signalling<'a> {
        Box::pin(self.send_signal(request))
    }

    fn turn(&mut self) -> Option<Waiting<'_>> {
        if self.link.is_some() || self.pause.holds(Moment::now()).is_some() {
            return None;
        }
        Some(Box::pin(self.connecting().turn()))
    }

    fn unfinished(&self) -> Option<String> {
        match self.stage {
            PollStage::Idle => None,
            PollStage::LoggingIn => Some("ssh is still logging in".into()),
            PollStage::Asking => {
                Some("the shell there does not answer; a new session is made".into())
            }
        }
    }

    fn address(&self) -> Option<String> {
        Some(self.address.canonical())
    }
}
