//! Colours as numbers: sRGB, mixing in OKLab, contrast, and the nearest of the 256 of a terminal.
//!
//! Roots are found by Newton's method, at compile time where the colours are known then: the program
//! needs no mathematics library.

use ratatui_core::style::Color;

/// A colour of sRGB.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// A colour in OKLab: lightness, green to red, blue to yellow.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lab(pub f64, pub f64, pub f64);

impl Rgb {
    /// From `0xrrggbb`.
    pub const fn hex(value: u32) -> Rgb {
        Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8)
    }

    /// The `index`-th of the 256 colours as xterm has them.
    pub const fn indexed(index: u8) -> Rgb {
        const BASIC: [u32; 16] = [
            0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
            0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
        ];
        match index {
            0..16 => Rgb::hex(BASIC[index as usize]),
            16..232 => {
                let n = index - 16;
                Rgb(CUBE[(n / 36) as usize], CUBE[(n / 6 % 6) as usize], CUBE[(n % 6) as usize])
            }
            232.. => {
                let grey = 8 + 10 * (index - 232);
                Rgb(grey, grey, grey)
            }
        }
    }

    /// The nearest of the 240 colours that look the same in every terminal: 16 to 255.
    pub const fn nearest(self) -> u8 {
        let (r, g, b) = (step(self.0), step(self.1), step(self.2));
        let cube = 16 + 36 * r + 6 * g + b;
        let mean = (self.0 as u16 + self.1 as u16 + self.2 as u16) / 3;
        let grey = if mean < 8 { 0 } else { (mean - 3) / 10 };
        let grey = 232 + if grey > 23 { 23 } else { grey as u8 };
        let own = self.lab();
        if own.far(Rgb::indexed(grey).lab()) < own.far(Rgb::indexed(cube).lab()) {
            grey
        } else {
            cube
        }
    }

    /// This colour in OKLab.
    pub const fn lab(self) -> Lab {
        let (r, g, b) = (LINEAR[self.0 as usize], LINEAR[self.1 as usize], LINEAR[self.2 as usize]);
        let l = root3(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        let m = root3(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        let s = root3(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        Lab(
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        )
    }

    /// This colour at `share` 0, the other at 1, mixed in OKLab between.
    pub const fn mix(self, other: Rgb, share: f64) -> Rgb {
        let (a, b) = (self.lab(), other.lab());
        Lab(a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share, a.2 + (b.2 - a.2) * share).rgb()
    }

    /// The contrast of two colours, from 1 to 21, as WCAG 2 defines it.
    pub fn contrast(self, other: Rgb) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// The relative luminance, from 0 to 1.
    pub fn luminance(self) -> f64 {
        let linear = |v: u8| LINEAR[usize::from(v)];
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// The numbers of a cell's colour; `None` for the terminal's own, and for its sixteen, which every
    /// terminal shows differently.
    pub fn of(color: Color) -> Option<Rgb> {
        match color {
            Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
            Color::Indexed(index @ 16..) => Some(Rgb::indexed(index)),
            _ => None,
        }
    }
}

impl Lab {
    /// The nearest colour that sRGB has.
    pub const fn rgb(self) -> Rgb {
        let Lab(light, a, b) = self;
        let l = light + 0.3963377774 * a + 0.2158037573 * b;
        let m = light - 0.1055613458 * a - 0.0638541728 * b;
        let s = light - 0.0894841775 * a - 1.2914855480 * b;
        let (l, m, s) = (l * l * l, m * m * m, s * s * s);
        Rgb(
            encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
        )
    }

    /// The square of the distance to another colour.
    pub const fn far(self, other: Lab) -> f64 {
        let (l, a, b) = (self.0 - other.0, self.1 - other.1, self.2 - other.2);
        l * l + a * a + b * b
    }
}

/// The steps of the 6×6×6 cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest step of the cube.
const fn step(value: u8) -> u8 {
    match value {
        0..48 => 0,
        48..115 => 1,
        _ => (value - 35) / 40,
    }
}

/// The linear light of each value of sRGB, and of the middles between them.
static LINEAR: [f64; 256] = light_of(0.0);
static MIDDLES: [f64; 256] = light_of(0.5);

const fn light_of(more: f64) -> [f64; 256] {
    let mut light = [0.0; 256];
    let mut i = 0;
    while i < 256 {
        let c = (i as f64 + more) / 255.0;
        light[i] = if c <= 0.04045 {
            c / 12.92
        } else {
            // x^2.4 is x² times the fifth root of x²
            let x = (c + 0.055) / 1.055;
            x * x * root5(x * x)
        };
        i += 1;
    }
    light
}

/// The value of sRGB for a linear light.
const fn encode(light: f64) -> u8 {
    let (mut low, mut high) = (0, 255);
    while low < high {
        let middle = (low + high) / 2;
        if MIDDLES[middle] < light {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low as u8
}

const fn root3(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let (mut root, mut left) = (1.0, 24);
    while left > 0 {
        let next = (2.0 * root + value / (root * root)) / 3.0;
        if next == root {
            break;
        }
        root = next;
        left -= 1;
    }
    root
}

const fn root5(value: f64) -> f64 {
    let (mut root, mut left) = (1.0, 40);
    while left > 0 {
        root = (4.0 * root + value / (root * root * root * root)) / 5.0;
        left -= 1;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_survives_oklab() {
        for value in (0..0x100_0000).step_by(997) {
            let color = Rgb::hex(value);
            assert_eq!(color.lab().rgb(), color);
        }
        assert_eq!(Rgb::hex(0xffffff).mix(Rgb::hex(0), 0.0), Rgb::hex(0xffffff));
        assert_eq!(Rgb::hex(0xffffff).mix(Rgb::hex(0), 1.0), Rgb::hex(0));
    }

    #[test]
    fn light_and_roots_are_those_of_the_formulas() {
        for (i, light) in LINEAR.iter().enumerate() {
            let c = i as f64 / 255.0;
            let exact = if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055_f64).powf(2.4) };
            assert!((light - exact).abs() < 1e-12, "{i}");
        }
        for value in [1e-6, 0.003, 0.5, 1.0] {
            assert!((root3(value) - value.cbrt()).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn indexed_colours_are_their_own_nearest() {
        for index in 16..=255 {
            let color = Rgb::indexed(index);
            assert_eq!(Rgb::indexed(color.nearest()), color, "{index}");
        }
        assert_eq!(Rgb::hex(0xff5c97).nearest(), 204);
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Rgb::hex(0).contrast(Rgb::hex(0xffffff)) - 21.0).abs() < 1e-9);
        assert!((Rgb::hex(0x777777).contrast(Rgb::hex(0xffffff)) - 4.478).abs() < 1e-3);
    }
}
