//! What is said of each remote besides its readings: whether it is up, how old they are, and why there
//! are none. A remote that is not up has no other lines on the page: old values are never repeated.

use super::{
    sample::ExportSample,
    text::{Families, Type},
};
use manytop_core::{
    naming::{
        REASON, SOURCE, SOURCE_AGE, SOURCE_FAILURE, SOURCE_INTERVAL, SOURCE_TAKEN, SOURCE_UP,
    },
    source::Source,
    view::SourceView,
};

/// Writes it for all sources but this machine, and but those that serve others and are no hosts themselves,
/// as long as these are well. `now` is in seconds since 1970.
pub fn write(sample: &ExportSample, now: f64, out: &mut String) {
    let mut families = Families::default();
    let told = |s: &&SourceView| s.source != Source::Local && !(s.is_front() && sample.is_up(s));
    for source in sample.sources().filter(told) {
        tell(sample, source, now, &mut families);
    }
    families.write(out);
}

fn tell(sample: &ExportSample, source: &SourceView, now: f64, out: &mut Families) {
    let name = [(SOURCE, source.source.name())];
    let up = if sample.is_up(source) { 1.0 } else { 0.0 };
    out.add(SOURCE_UP, (Type::Gauge, "Whether a source was read for this page."), &name, up);
    // the newest, where several speak of it
    let good = source.instances.iter().max_by_key(|i| i.health.last_good);
    if let Some((health, age)) =
        good.and_then(|i| Some((&i.health, i.health.age(sample.at)?.as_secs_f64())))
    {
        let interval = health.interval.as_secs_f64();
        for (metric, help, value) in [
            (SOURCE_TAKEN, "When a source was last read, since 1970.", now - age),
            (SOURCE_AGE, "How long ago a source was last read.", age),
            (SOURCE_INTERVAL, "How often a source is read.", interval),
        ] {
            let value = (value * 1000.0).round() / 1000.0;
            out.add(metric, (Type::Gauge, help), &name, value);
        }
    }
    if let Some(failure) = source.failure(sample.at) {
        let reason = failure.to_string();
        let labels = [name[0], (REASON, reason.as_str())];
        out.add(SOURCE_FAILURE, (Type::Gauge, "Why a source cannot be read."), &labels, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::sample::{EarlierSamples, tests::TestMachine},
        *,
    };
    use manytop_core::{
        clock::Moment,
        reading::DeviceReading,
        vocabulary::{CPU, PERCENT},
    };

    #[test]
    fn a_source_says_how_old_it_is_and_this_machine_says_nothing() {
        let mut machine = TestMachine::new("local");
        let jerry = machine.join("Jerry");
        let reading = || vec![DeviceReading::new(CPU, "CPU0").with(&PERCENT, 5.0)];
        machine.sampled_of(jerry, Moment::from_secs(10), reading());
        let mut said = |at: u64| {
            let sampled = machine.sampled(Moment::from_secs(at), reading());
            let mut text = String::new();
            write(&EarlierSamples::default().sample(sampled), 1000.0 + at as f64, &mut text);
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let lines = |up: u32, age: u32| {
            [
                format!("manytop_source_up{{source=\"Jerry\"}} {up}"),
                "manytop_source_taken_seconds{source=\"Jerry\"} 1010".to_owned(),
                format!("manytop_source_age_seconds{{source=\"Jerry\"}} {age}"),
                "manytop_source_interval_seconds{source=\"Jerry\"} 1".to_owned(),
            ]
        };
        assert_eq!(said(11), lines(1, 1));
        assert_eq!(said(30), lines(0, 20));
    }
}
