//! What all themes have in common, and what is wanted of their colours.

use super::{color::Lab, *};

const DEPTHS: [Depth; 4] = [Depth::True, Depth::Palette, Depth::Sixteen, Depth::None];
const GROUNDS: [Ground; 2] = [Ground::Dark, Ground::Light];

/// The backgrounds on which all text is readable: the ends of what terminals have.
fn backgrounds(ground: Ground) -> [Rgb; 2] {
    match ground {
        Ground::Dark => [Rgb::hex(0x000000), Rgb::hex(0x1e1e2e)],
        Ground::Light => [Rgb::hex(0xffffff), Rgb::hex(0xfdf6e3)],
    }
}

fn rgb(color: Option<Color>) -> Rgb {
    Rgb::of(color.unwrap()).unwrap()
}

fn texts(theme: &Theme) -> Vec<(&'static str, Style)> {
    let mut all = vec![
        ("text", theme.text),
        ("hi", theme.hi),
        ("dim", theme.dim),
        ("key", theme.key),
        ("warn", theme.warn),
        ("crit", theme.crit),
        ("stale", theme.stale),
        ("rx", theme.rx),
        ("tx", theme.tx),
        ("past", theme.past),
    ];
    all.extend(theme.hosts.iter().map(|host| ("host", *host)));
    all
}

#[test]
fn text_is_readable_on_the_backgrounds_of_terminals() {
    for (ground, depth) in GROUNDS.into_iter().flat_map(|g| [(g, Depth::True), (g, Depth::Palette)])
    {
        let theme = Theme::new(ground, depth);
        for (name, style) in texts(&theme) {
            for (n, background) in backgrounds(ground).into_iter().enumerate() {
                let contrast = rgb(style.fg).contrast(background);
                // for some, none of the 256 colours is closer
                let least = if depth == Depth::Palette && n == 1 { 4.1 } else { 4.5 };
                assert!(contrast >= least, "{name} {ground:?} {depth:?}: {contrast:.2}");
            }
        }
    }
}

#[test]
fn text_is_readable_on_the_grounds_of_the_theme() {
    for (ground, depth) in GROUNDS.into_iter().flat_map(|g| [(g, Depth::True), (g, Depth::Palette)])
    {
        let theme = Theme::new(ground, depth);
        let on = |name: &str, text: Style, ground: Option<Color>| {
            let contrast = rgb(text.fg).contrast(rgb(ground));
            assert!(contrast >= 4.5, "{name} {:?} {depth:?}: {contrast:.2}", theme.ground);
        };
        for (name, text) in [("text", theme.text), ("hi", theme.hi), ("dim", theme.dim)] {
            on(name, text, theme.selection.bg);
            on(name, text, theme.past_ground.bg);
        }
        on("a key on its cap", theme.keycap, theme.keycap.bg);
        on("the past", theme.past, theme.past_ground.bg);
        for sign in [theme.on_warn, theme.on_crit, theme.on_past, theme.on_hi] {
            on("a sign", sign, sign.bg);
        }
    }
}

/// A colour as it looks without one sort of cones (1 protan, 2 deutan), after Viénot, Brettel and Mollon (1999).
fn seen(color: Rgb, sight: usize) -> Lab {
    const LMS: [[f64; 3]; 3] =
        [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]];
    const BACK: [[f64; 3]; 3] = [
        [0.080944447905, -0.130504409160, 0.116721066440],
        [-0.010248533515, 0.054019326636, -0.113614708214],
        [-0.000365296938, -0.004121614686, 0.693511404861],
    ];
    let times = |m: &[[f64; 3]; 3], v: [f64; 3]| {
        [0, 1, 2].map(|i| m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2])
    };
    let linear = |v: u8| {
        let c = f64::from(v) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055_f64).powf(2.4) }
    };
    let [l, m, s] = times(&LMS, [color.0, color.1, color.2].map(linear));
    let lms = match sight {
        1 => [2.02344 * m - 2.52581 * s, m, s],
        2 => [l, 0.494207 * l + 1.24827 * s, s],
        _ => [l, m, s],
    };
    let encode = |v: f64| {
        let v = v.clamp(0.0, 1.0);
        let c = if v <= 0.0031308 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (c * 255.0).round() as u8
    };
    let [r, g, b] = times(&BACK, lms).map(encode);
    Rgb(r, g, b).lab()
}

#[test]
fn hosts_stay_apart_for_the_colour_blind() {
    for (ground, (depth, least)) in
        GROUNDS.into_iter().flat_map(|g| [(g, (Depth::True, 0.0995)), (g, (Depth::Palette, 0.05))])
    {
        let hosts = Theme::new(ground, depth).hosts;
        for sight in 0..3 {
            for (i, a) in hosts.iter().enumerate() {
                for (j, b) in hosts.iter().enumerate().skip(i + 1) {
                    let apart = seen(rgb(a.fg), sight).far(seen(rgb(b.fg), sight)).sqrt();
                    assert!(
                        apart >= least,
                        "{i} and {j} {ground:?} {depth:?} sight {sight}: {apart:.3}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_ramp_is_mixed_between_its_stops() {
    let dark = Theme::default();
    let hex = |style: Style| {
        let Rgb(r, g, b) = rgb(style.fg);
        format!("{r:02x}{g:02x}{b:02x}")
    };
    assert_eq!(hex(dark.ramp(0.0)), "2d86b8");
    assert_eq!(hex(dark.ramp(32.0)), "3fc5b8");
    assert_eq!(hex(dark.ramp(64.9)), "fcdc68");
    assert_eq!(hex(dark.ramp(100.0)), "ff4d8d");
    assert_eq!(hex(Theme::new(Ground::Light, Depth::True).ramp(47.0)), "5c9a3a");
    assert_eq!(dark.ramp(f64::NAN), dark.ramp(-3.0));
    assert_eq!(hex(dark.shade(dark.system, 0.2)), "667394");
    let sixteen = Theme::new(Ground::Dark, Depth::Sixteen);
    let at = [0.0, 24.0, 25.0, 59.0, 60.0, 84.0, 85.0].map(|p| sixteen.ramp(p).fg.unwrap());
    let [blue, cyan, yellow, red] = [Color::Blue, Color::Cyan, Color::Yellow, Color::Magenta];
    assert_eq!(at, [blue, blue, cyan, cyan, yellow, yellow, red]);
}

#[test]
fn a_step_changes_one_per_cent_past_its_edge() {
    assert_eq!([44.9, 45.0, 50.9, 51.0].map(|v| steady_step(v, 9)), [9, 9, 9, 10]);
    assert_eq!([44.1, 43.9].map(|v| steady_step(v, 9)), [9, 8]);
    assert_eq!(steady_step(3.0, 19), 0);
}

#[test]
fn every_meaning_has_a_form_at_every_depth() {
    for (ground, depth) in GROUNDS.into_iter().flat_map(|g| DEPTHS.map(|d| (g, d))) {
        let theme = Theme::new(ground, depth);
        let signs = [theme.text, theme.warn, theme.crit, theme.stale];
        for (i, a) in signs.iter().enumerate() {
            assert!(signs[i + 1..].iter().all(|b| a != b), "{ground:?} {depth:?}: {a:?}");
        }
        assert_ne!(theme.key, theme.text);
        assert_ne!(theme.keycap, theme.text);
    }
    let mono = Theme::new(Ground::Dark, Depth::None);
    let colours = |style: Style| [style.fg, style.bg].into_iter().flatten().collect::<Vec<_>>();
    let all = [mono.keycap, mono.on_crit, mono.on_past, mono.selection, mono.ramp(97.0)];
    assert_eq!(mono.level(97.0), mono.warn, "what is reversed is down");
    assert!(all.into_iter().flat_map(colours).all(|color| color == Color::Reset));
    assert!(mono.keycap.add_modifier.contains(Modifier::REVERSED));
}
