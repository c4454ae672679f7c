//! The lowered form of scripts: a small typed tree that keeps source ranges.
//!
//! A [`Unit`] is the outermost function of a file (or the module's top level, or one template expression) with all
//! functions nested in it. Everything in a unit is relative: spans count from the unit's base, names are resolved as
//! far as the unit goes. A unit therefore depends on nothing but its own text, and an unchanged function is reused
//! after an edit elsewhere in the file, whatever its new position.
//!
//! Lowering is total: what it does not understand becomes [`Expr::Opaque`] with its children, so that values still
//! flow and calls inside are still seen.

use super::names::Name;
use crate::text::Span;

/// Index into [`Unit::exprs`].
pub type ExprId = u32;
/// Index into [`Unit::pats`].
pub type PatId = u32;
/// Index into [`Unit::funcs`].
pub type FuncId = u32;
/// Index into [`Unit::classes`].
pub type ClassId = u32;
/// Index into a function's frame.
pub type Slot = u16;

/// What a unit was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// The module's top level; function 0 has its statements. Outermost functions are [`Expr::Child`].
    Module,
    /// One outermost function: function 0.
    Function,
    /// One template expression or statement list: function 0 has no parameters and returns the expression's value.
    /// Or a name or pattern that a template declares: function 0 has it as its only parameter, and no body that counts.
    Template,
}

/// A lowered unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What it was made from.
    pub kind: UnitKind,
    /// Expressions; children have smaller ids than their parents where possible, nothing relies on it.
    pub exprs: Vec<ExprNode>,
    /// Patterns of assignments, declarations and parameters.
    pub pats: Vec<PatNode>,
    /// Functions; 0 is the unit itself.
    pub funcs: Vec<Func>,
    /// Classes.
    pub classes: Vec<Class>,
    /// Number of [`Expr::Child`] functions (module units only), by child index: see `FileFacts::children`.
    pub n_children: u32,
    /// Hash of the text and context it was lowered from, for reuse after edits; 0 = never reuse.
    pub key: u64,
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub struct ExprNode {
    /// What it is.
    pub kind: Expr,
    /// Relative to the unit's base.
    pub span: Span,
}

/// A pattern and its place.
#[derive(Clone, Debug)]
pub struct PatNode {
    /// What it is.
    pub kind: Pat,
    /// Relative to the unit's base.
    pub span: Span,
}

/// A variable, as far as the unit knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Var {
    /// A slot of the function at hand.
    Local(Slot),
    /// A slot of an enclosing function of the same unit, `up` ≥ 1 functions out.
    Up(u16, Slot),
    /// Not declared in the unit: a module variable, an import, a template name or a global.
    Free(Name),
}

/// A property key.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// `a.b`, `{b: …}`, `{'b': …}`, `['b']`, `[0]` (numbers as their decimal text).
    Name(Name),
    /// `[expr]`.
    Computed(ExprId),
    /// `#b`, without its `#`.
    Private(Name),
}

/// An array element or argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    /// A value.
    One(ExprId),
    /// `...value`.
    Spread(ExprId),
    /// A hole.
    Hole,
}

/// A property of an object literal, or a member of a class.
#[derive(Clone, Debug)]
pub enum Prop {
    /// `key: value`, shorthand included.
    Value(Key, ExprId, Span),
    /// `get key() {…}`: a function expression.
    Getter(Key, ExprId, Span),
    /// `set key(v) {…}`.
    Setter(Key, ExprId, Span),
    /// `...value`.
    Spread(ExprId, Span),
}

/// Unary operators, by what they do to data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// `!x`.
    Not,
    /// `typeof x`.
    Typeof,
    /// `void x`.
    Void,
    /// `delete x`: the operand is a member expression.
    Delete,
    /// `-x`, `+x`, `~x`: still the datum as a number.
    Number,
}

/// Binary operators, by what they do to data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `+`: concatenation or sum.
    Add,
    /// Other arithmetic and bit operators.
    Arith,
    /// `==`, `<`, `in`, `instanceof` …: a boolean.
    Compare,
    /// `===`/`==` (kept apart for constant folding).
    Equal,
    /// `!==`/`!=`.
    NotEqual,
}

/// `&&`, `||`, `??`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logical {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `??`.
    Nullish,
}

/// An expression.
#[derive(Clone, Debug)]
pub enum Expr {
    /// `undefined`, an empty value.
    Undefined,
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as its normalised decimal text.
    Num(Name),
    /// A string constant (escapes resolved).
    Str(Name),
    /// A regular expression, `/source/flags`, as written.
    Regex(Name),
    /// A template literal: its pieces in order, constant pieces as `Str` nodes.
    Template(Box<[ExprId]>),
    /// A variable.
    Var(Var),
    /// `this`.
    This,
    /// `super` as callee or object.
    Super,
    /// `[…]`.
    Array(Box<[Item]>),
    /// `{…}`.
    Object(Box<[Prop]>),
    /// A function nested in this unit.
    Func(FuncId),
    /// An outermost function, a unit of its own (module units only).
    Child(u32),
    /// A class.
    Class(ClassId),
    /// `object.key`, `object?.key`, `object[key]`.
    Member {
        /// The object.
        object: ExprId,
        /// The key.
        key: Key,
        /// Where the key stands.
        key_span: Span,
        /// `?.`.
        optional: bool,
    },
    /// `callee(args)`; a method call has a `Member` callee.
    Call {
        /// The callee.
        callee: ExprId,
        /// Arguments.
        args: Box<[Item]>,
        /// `?.(`.
        optional: bool,
    },
    /// `new callee(args)`.
    New {
        /// The constructor.
        callee: ExprId,
        /// Arguments.
        args: Box<[Item]>,
    },
    /// A tagged template. Rare and large, as are elements: boxed.
    Tagged(Box<TaggedTemplate>),
    /// A unary operator.
    Unary(Unary, ExprId),
    /// A binary operator.
    Binary(Binary, ExprId, ExprId),
    /// `&&`, `||`, `??`.
    Logical(Logical, ExprId, ExprId),
    /// `test ? yes : no`.
    Cond(ExprId, ExprId, ExprId),
    /// `pattern = value`; the value of the expression is the value.
    Assign(PatId, ExprId),
    /// `target op= value`: `+=` and its kin as `Binary`, `||=` and its kin as `Logical`.
    AssignBinary(PatId, Binary, ExprId),
    /// `target ||= value`, `&&=`, `??=`.
    AssignLogical(PatId, Logical, ExprId),
    /// `x++`, `--x`: a number.
    Update(PatId),
    /// `await x`.
    Await(ExprId),
    /// `yield x`, `yield* x`.
    Yield(Option<ExprId>),
    /// `(a, b)`.
    Seq(Box<[ExprId]>),
    /// `import('path')`.
    DynamicImport(ExprId),
    /// A JSX element.
    Element(Box<JsxElement>),
    /// Something else (error node, unknown syntax): its parts are evaluated, its value is unknown.
    Opaque(Box<[ExprId]>),
}

/// The tag is called with the constant pieces as an array, then the values.
#[derive(Clone, Debug)]
pub struct TaggedTemplate {
    /// The tag.
    pub tag: ExprId,
    /// Constant pieces.
    pub texts: Vec<ExprId>,
    /// Interpolated values.
    pub values: Vec<ExprId>,
}

/// `tag` is a `Str` (host element, also the empty fragment) or an expression (component); attributes as properties
/// (`{...x}` as spread), children in order.
#[derive(Clone, Debug)]
pub struct JsxElement {
    /// The tag.
    pub tag: ExprId,
    /// Attributes. The `Key` is the attribute's name as written (`onClick`, `xlink:href`).
    pub attrs: Vec<Prop>,
    /// Child expressions; literal text as `Str`.
    pub children: Vec<Item>,
    /// The opening tag.
    pub open: Span,
}

/// A pattern, or any target of an assignment.
#[derive(Clone, Debug)]
pub enum Pat {
    /// A variable.
    Var(Var),
    /// A member expression: an `Expr::Member` of this unit.
    Member(ExprId),
    /// `{a, b: c, ...rest}`.
    Object {
        /// Keys and their patterns.
        props: Vec<(Key, PatId)>,
        /// The rest pattern.
        rest: Option<PatId>,
    },
    /// `[a, , b, ...rest]`.
    Array {
        /// Elements; holes are `None`.
        items: Vec<Option<PatId>>,
        /// The rest pattern.
        rest: Option<PatId>,
    },
    /// `pattern = default`.
    Default(PatId, ExprId),
    /// Not understood; values vanish.
    Ignore,
}

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FuncKind {
    /// `function`, a method, an accessor: has its own `this` and `arguments`.
    Function,
    /// An arrow function.
    Arrow,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Func {
    /// Its name, or that of the property or variable it was assigned to in its definition.
    pub name: Option<Name>,
    /// Arrow or not.
    pub kind: FuncKind,
    /// `async`.
    pub is_async: bool,
    /// `function*`.
    pub is_generator: bool,
    /// Parameters.
    pub params: Vec<PatId>,
    /// `...rest` parameter.
    pub rest: Option<PatId>,
    /// Body; an arrow's expression body is one `Return`.
    pub body: Vec<Stmt>,
    /// Names of the frame's slots, parameters and variables of all blocks (shadowing variables have slots of their
    /// own).
    pub slots: Vec<Name>,
    /// The slot that a use of `arguments` refers to, if the function uses it.
    pub arguments: Option<Slot>,
    /// A named function expression's own name inside itself.
    pub self_slot: Option<Slot>,
    /// Whether it may end before its last statement, other than by a `return` of its own top level.
    pub has_early_exit: bool,
    /// Relative to the unit's base, from `function`/parameters to the end of the body.
    pub span: Span,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub name: Option<Name>,
    /// `extends`.
    pub parent: Option<ExprId>,
    /// The constructor: a function expression.
    pub constructor: Option<ExprId>,
    /// Instance methods and accessors.
    pub methods: Vec<Prop>,
    /// Instance fields: evaluated with `this` = the instance, in the frame of the function around the class, in order. A bare field has an `Undefined` value.
    pub fields: Vec<Prop>,
    /// Static methods, accessors and fields.
    pub statics: Vec<Prop>,
    /// Static blocks.
    pub static_blocks: Vec<Stmt>,
    /// Decorators, e.g. `@Component({…})`.
    pub decorators: Vec<ExprId>,
    /// Relative to the unit's base.
    pub span: Span,
}

/// How an import binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// `import * as x`.
    Namespace,
    /// `import x`, `import {default as x}`.
    Default,
    /// `import {name as x}`.
    Named(Name),
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// An expression.
    Expr(ExprId),
    /// `let pattern = value`; without a value a `let`/`var` is undefined. Hoisted function declarations come first in
    /// their block as declarations of a function expression.
    Declare(PatId, Option<ExprId>),
    /// `{ … }`.
    Block(Vec<Stmt>),
    /// `if`.
    If(ExprId, Vec<Stmt>, Vec<Stmt>),
    /// `while`, `do`, `for(;;)`: the condition (if any), the body, the update.
    Loop {
        /// Checked before (or, for `do`, after) the body.
        test: Option<ExprId>,
        /// The body.
        body: Vec<Stmt>,
        /// The `for` update.
        update: Option<ExprId>,
        /// `do … while`: the body runs at least once.
        at_least_once: bool,
    },
    /// `for (pattern of iterable)`; `await` makes no difference.
    ForOf(PatId, ExprId, Vec<Stmt>),
    /// `for (pattern in object)`: the pattern gets keys.
    ForIn(PatId, ExprId, Vec<Stmt>),
    /// `switch`: cases with their tests (`None` = default), falling through.
    Switch(ExprId, Vec<(Option<ExprId>, Vec<Stmt>)>),
    /// `try`/`catch (pattern)`/`finally`.
    Try {
        /// The guarded block.
        body: Vec<Stmt>,
        /// The handler, with its pattern.
        handler: Option<(Option<PatId>, Vec<Stmt>)>,
        /// The finalizer.
        finalizer: Vec<Stmt>,
    },
    /// `return`.
    Return(Option<ExprId>, Span),
    /// `throw`.
    Throw(ExprId),
    /// `break`, with its label.
    Break(Option<Name>),
    /// `continue`, with its label.
    Continue(Option<Name>),
    /// `label: …`.
    Labeled(Name, Vec<Stmt>),
    /// `import … from 'path'`: local bindings (module units only). The `Var` is the local slot.
    Import {
        /// The path as written.
        path: Name,
        /// Where the path string stands.
        path_span: Span,
        /// Bindings.
        bindings: Vec<(Imported, Var)>,
    },
    /// `export {local as name}`, `export default expr`, `export const …` (after its declaration).
    Export(Name, ExprId),
    /// `export {name as alias} from 'path'`, `export * from 'path'` (no name), `export * as alias` (name `Namespace`).
    Reexport {
        /// The path as written.
        path: Name,
        /// Name there; `None` = everything.
        name: Option<Imported>,
        /// Name here; `None` with `export *`.
        alias: Option<Name>,
    },
}

/// Whether a function may end before its last statement, other than by its top-level `return`.
pub(super) fn has_early_exit(body: &[Stmt]) -> bool {
    fn inside(body: &[Stmt]) -> bool {
        body.iter().any(|stmt| match stmt {
            Stmt::Return(..) | Stmt::Throw(_) => true,
            other => nested(other),
        })
    }
    fn nested(stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Block(body) | Stmt::Labeled(_, body) => inside(body),
            Stmt::If(_, yes, no) => inside(yes) || inside(no),
            Stmt::Loop { body, .. } | Stmt::ForOf(_, _, body) | Stmt::ForIn(_, _, body) => {
                inside(body)
            }
            Stmt::Switch(_, cases) => cases.iter().any(|(_, body)| inside(body)),
            Stmt::Try {
                body,
                handler,
                finalizer,
            } => {
                inside(body)
                    || handler.as_ref().is_some_and(|(_, h)| inside(h))
                    || inside(finalizer)
            }
            _ => false,
        }
    }
    body.iter().any(nested)
}

// There are as many of these as of anything: a variant that grows makes all facts grow.
const _: () = assert!(size_of::<ExprNode>() <= 32);
