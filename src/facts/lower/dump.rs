//! A readable form of lowered units, for tests and for people who debug.

use crate::facts::ir::Unit;
use crate::facts::names::Names;

/// The unit as text.
pub fn ir_dump(unit: &Unit, names: &Names) -> String {
    let _ = names;
    format!("{unit:?}")
}
