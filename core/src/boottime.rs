//! The system clock for ages and rates: on Linux the one that counts suspended time.

/// The clock shows this at boot: the past that an engine serves has moments too.
#[cfg(target_os = "linux")]
const AT_BOOT: u64 = 20 * 365 * 86_400 * 1_000_000_000;

/// Makes [`Moment::now`](manytop_plugin::clock::Moment::now) count suspended time. Elsewhere than on
/// Linux, std's monotonic clock remains.
pub fn start_clock() {
    #[cfg(target_os = "linux")]
    manytop_plugin::clock::set_system_clock(|| {
        let t = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        AT_BOOT + t.tv_sec.unsigned_abs() * 1_000_000_000 + t.tv_nsec.unsigned_abs()
    });
}
