//! Arrays of the kernel's software RAID, `/proc/mdstat`.

use super::StorageState;

/// An array.
#[derive(Clone, PartialEq, Debug)]
pub struct Array {
    /// Its name, `md0`.
    pub name: String,
    /// Its level, `raid1`; empty where it is inactive.
    pub level: String,
    /// The state of its health.
    pub health: StorageState,
    /// How far a rebuild, a check or a reshape has come.
    pub percent: Option<f64>,
}

/// The arrays of a text like `/proc/mdstat`.
pub fn parse(text: &str) -> Vec<Array> {
    let mut all: Vec<Array> = Vec::new();
    for line in text.lines() {
        if !line.starts_with([' ', '\t']) {
            all.extend(head(line));
        } else if let Some(array) = all.last_mut() {
            detail(line, array);
        }
    }
    all
}

/// `md0 : active (auto-read-only) raid1 sdb1[1] sda1[0](F)`.
fn head(line: &str) -> Option<Array> {
    let (name, rest) = line.split_once(" : ")?;
    let mut words = rest.split_ascii_whitespace();
    let health = match words.next()? {
        "active" => StorageState::Ok,
        "inactive" => StorageState::Failed,
        _ => return None,
    };
    let is_level = |word: &&str| {
        word.starts_with("raid") || ["linear", "multipath", "container", "faulty"].contains(word)
    };
    let level = words.find(is_level).unwrap_or_default().to_owned();
    Some(Array { name: name.trim().to_owned(), level, health, percent: None })
}

/// `… blocks super 1.2 [2/1] [U_]` and `[=>...]  recovery = 12.6% (37043392/292945152) finish=…`.
fn detail(line: &str, array: &mut Array) {
    if array.health == StorageState::Failed {
        return;
    }
    if let Some((all, active)) = line.split_ascii_whitespace().find_map(members) {
        let spare = match &*array.level {
            "raid1" => all.saturating_sub(1),
            "raid4" | "raid5" => 1,
            "raid6" => 2,
            "raid10" => all / 2,
            _ => 0,
        };
        array.health = match all.saturating_sub(active) {
            0 => StorageState::Ok,
            missing if missing > spare => StorageState::Failed,
            _ => StorageState::Degraded,
        };
    }
    let mut parts = line.split(['=', ' ']).filter(|part| !part.is_empty());
    let works = ["recovery", "resync", "reshape", "check"];
    let Some(work) = parts.find(|part| works.contains(part)) else { return };
    let next = parts.next().unwrap_or_default();
    array.percent = next.strip_suffix('%').and_then(|percent| percent.parse().ok());
    // a check changes nothing, and a rebuild that waits for another array's is not one yet
    if work != "check" && array.percent.is_some() {
        array.health = StorageState::Rebuilding;
    }
}

/// `[2/1]`: members, and how many of them are active.
fn members(word: &str) -> Option<(usize, usize)> {
    let (all, active) = word.strip_prefix('[')?.strip_suffix(']')?.split_once('/')?;
    Some((all.parse().ok()?, active.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Personalities : [raid1] [raid6] [raid5] [raid4] [raid0]
md0 : active raid1 sdb1[1] sda1[0](F)
      1953382464 blocks super 1.2 [2/1] [_U]
      bitmap: 0/15 pages [0KB], 65536KB chunk

md1 : active (auto-read-only) raid5 sdc1[3] sdd1[1] sde1[0]
      292945152 blocks level 5, 64k chunk, algorithm 2 [3/2] [UU_]
      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec

md2 : active raid1 sdf1[1] sdg1[0]
      976630464 blocks super 1.2 [2/2] [UU]
      [======>..............]  check = 34.0% (332/976) finish=1.2min speed=9K/sec

md3 : active raid0 sdh1[1] sdi1[0]
      1000 blocks super 1.2 512k chunks

md4 : inactive sdj[0](S)
      1000 blocks super 1.2

md5 : active raid5 sdk1[0]
      1000 blocks level 5 [3/1] [U__]

md6 : active raid1 sdl1[1] sdm1[0]
      976630464 blocks super 1.2 [2/2] [UU]
        resync=DELAYED

unused devices: <none>
";

    #[test]
    fn arrays_and_their_rebuilds_are_read() {
        let all: Vec<_> = parse(TEXT)
            .into_iter()
            .map(|a| (a.name, a.level, a.health.word(), a.percent.unwrap_or(-1.0)))
            .collect();
        let row =
            |n: u32, level: &str, word, percent| (format!("md{n}"), level.into(), word, percent);
        assert_eq!(
            all,
            [
                row(0, "raid1", "degraded", -1.0),
                row(1, "raid5", "rebuilding", 12.6),
                row(2, "raid1", "ok", 34.0),
                row(3, "raid0", "ok", -1.0),
                row(4, "", "failed", -1.0),
                row(5, "raid5", "failed", -1.0),
                row(6, "raid1", "ok", -1.0),
            ]
        );
        assert_eq!(parse("unused devices: <none>\n \n  [2/1]"), []);
    }
}
