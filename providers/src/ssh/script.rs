//! What the shell of a host is sent: functions once, then a line for each request.
//!
//! The shell's own reader of its standard input is the loop. Each request is a line `VERB ID ARGUMENTS`,
//! each answer a frame `\n@NONCE + ID\n`, contents, `\n@NONCE - ID STATUS\n`.

use rustls::crypto::SecureRandom;
use std::fmt::Write as _;

/// The functions, with the two halves of the nonce in place of `%A` and `%B`: an echo of this text never
/// forms a marker. Verbs:
///
/// - `g` all lines of files, `v` those of the kernel's tables that are used, `k` those of cpuinfo, `u` those
///   of a process's status: each line behind its file's path. `c` files one by one, where grep cuts at NUL.
/// - `m` the lines of control groups that are used.
/// - `l` links and their targets.
/// - `d` how full file systems are, `f` how many files they hold, `x` units that have failed; each writes its frame in one piece.
/// - `q ID SIGNAL PID START …` sends a signal to each process that still has the start time START (clock ticks), and
///   answers a line `PID WORD` for each.
/// - `s VERB ID …` in the background, answered on standard error; on standard output comes its pid.
/// - `t VERB ID …` the same for `d`, `f` and `x`. It keeps standard error closed while it waits, and opens it for
///   its frame only while its shell is there: a `df` that hangs keeps no ssh and no sshd alive. Where it cannot
///   be opened again (an sshd with sockets for pipes), it stays open.
const FUNCTIONS: &str = r#":
LC_ALL=C; export LC_ALL; unset GREP_OPTIONS GREP_COLOR GREP_COLORS
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; cd /
n=%A; n=@${n}%B
b() { printf '\n%s + %s\n' "$n" "$1"; }
e() { printf '\n%s - %s %s\n' "$n" "$1" "$2"; }
g() { i=$1; shift; b $i; grep -saH '' "$@" </dev/null 2>/dev/null; e $i $?; }
v() { i=$1; shift; b $i; grep -savH -e '^intr ' -e '^softirq ' -e '^nr_' -e '^thp_' -e '^numa_' -e '^compact_' -e '^pgs' -e '^workingset_' -e '^balloon_' -e '^unevictable_' -e '^Vmalloc' -e '^Huge' -e '^DirectMap' "$@" </dev/null 2>/dev/null; e $i $?; }
k() { i=$1; shift; b $i; grep -saH -e '^processor' -e '^model name' -e '^cpu MHz' -e '^cpu model' -e '^uarch' -e '^cpu[[:space:]]' "$@" </dev/null 2>/dev/null; e $i $?; }
u() { i=$1; shift; b $i; grep -saH -e '^Uid:' -e '^VmSwap:' "$@" </dev/null 2>/dev/null; e $i $?; }
m() { i=$1; shift; b $i; grep -saH -e '^usage_usec ' -e '^inactive_file ' -e '^[0-9]' -e '^max' "$@" </dev/null 2>/dev/null; e $i $?; }
c() { i=$1; shift; b $i; for f do [ -r "$f" ] || continue; printf '\n%s f %s\n' "$n" "$f"; cat "$f" </dev/null 2>/dev/null; done; e $i $?; }
l() { i=$1; shift; b $i; ls -ld "$@" </dev/null 2>/dev/null; e $i $?; }
q() { i=$1; z=$2; shift 2; b $i; while [ $# -gt 1 ]; do ( m=$1; t=$2; y=$(cat /proc/$m/stat 2>/dev/null) || { echo $m ended; exit; }; set -f; set -- ${y##*\)}; [ "${20}" = $t ] || { echo $m other; exit; }; y=$(kill -s $z $m 2>&1) && { echo $m sent; exit; }; case $y in *ermitted* | *denied*) echo $m refused ;; *[Nn]o\ such*) echo $m ended ;; *) echo $m failed ;; esac ); shift 2; done; e $i 0; }
p() { read -r x x x t x </proc/self/stat && [ "$t" = "$1" ]; }
w=/proc/$$/fd/2; { p $PPID && printf '' >>$w; } 2>/dev/null || w=
o() { y=$(b $1; printf '%s\n' "$3"; e $1 $2); if [ "$w" ]; then p $$ && printf '%s\n' "$y" >>$w; else printf '%s\n' "$y"; fi; }
d() { i=$1; shift; y=$(exec df -kP "$@" </dev/null 2>/dev/null); o $i $? "$y"; }
f() { i=$1; shift; y=$(exec df -iP "$@" </dev/null 2>/dev/null); o $i $? "$y"; }
x() { y=$(exec systemctl list-units --state=failed --no-legend --plain --no-pager </dev/null 2>/dev/null); o $1 $? "$y"; }
s() { "$@" >&2 & b $2; echo $!; e $2 0; }
t() { if [ "$w" ]; then { exec >/dev/null 2>&1; "$@"; } & else "$@" >&2 & fi; b $2; echo $!; e $2 0; }
b 0; uname -s; uname -m; getconf PAGESIZE </dev/null 2>/dev/null || echo -; printf 'a\000b\n' | grep -aH '' 2>/dev/null; e 0 $?
"#;

/// A line of the script that a program which only repeats its input sends back.
pub const ECHO: &str = "LC_ALL=C; export LC_ALL";

/// 96 random bits that nothing on the target can know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nonce(String);

impl Nonce {
    /// A new one; `None` where the system gives no random bytes.
    pub fn new() -> Option<Nonce> {
        let mut bytes = [0; 12];
        let random: &dyn SecureRandom = rustls::crypto::ring::default_provider().secure_random;
        random.fill(&mut bytes).ok()?;
        let mut text = String::with_capacity(24);
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        Some(Nonce(text))
    }

    /// For tests.
    #[cfg(test)]
    pub fn fixed(text: &str) -> Nonce {
        Nonce(text.to_owned())
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The script for that nonce.
pub fn functions(nonce: &Nonce) -> String {
    let (first, second) = nonce.0.split_at(nonce.0.len() / 2);
    FUNCTIONS.replace("%A", first).replace("%B", second)
}

/// Whether a text that came from the target may be sent back into its shell.
pub fn is_plain(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"._/+:@-".contains(&b);
    text.starts_with('/') && text.len() < 512 && text.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_of_the_script_holds_no_marker() {
        let nonce = Nonce::new().unwrap();
        assert_eq!(nonce.text().len(), 24);
        assert_ne!(nonce, Nonce::new().unwrap());
        let script = functions(&nonce);
        assert!(!script.contains(nonce.text()) && !script.contains("%A"));
        assert!(script.contains(ECHO));
    }

    #[test]
    fn only_plain_paths_are_sent_back() {
        assert!(is_plain("/srv/data-1/x.y_z:0@+"));
        for path in ["", "srv", "/a b", "/a;reboot", "/$(x)", "/`x`", "/a\nb", "/ä", "/a'b", "/*"]
        {
            assert!(!is_plain(path), "{path}");
        }
    }
}
