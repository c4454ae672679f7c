//! A readable form of lowered units, for tests and for people who debug.
//!
//! Expressions are printed as code with resolved variables: a local `x` as `x.0` (its slot), a variable of an
//! enclosing function as `x^1.0`, everything else as the bare name. Nesting is bounded by the lowering.

use crate::facts::ir::*;
use crate::facts::names::{Name, Names};
use std::fmt::Write as _;

/// The unit as text, one statement a line.
pub fn ir_dump(unit: &Unit, names: &Names) -> String {
    let mut dump = Dump {
        unit,
        names,
        out: String::new(),
        indent: 0,
        stack: Vec::new(),
    };
    if unit.kind == UnitKind::Function {
        dump.line();
        dump.func(0);
    } else {
        dump.stack.push(0);
        let body = unit.funcs.first().map_or(&[][..], |f| &f.body);
        dump.stmts(body);
    }
    dump.out.trim().to_owned()
}

struct Dump<'a> {
    unit: &'a Unit,
    names: &'a Names,
    out: String,
    indent: usize,
    /// Functions around the place at hand.
    stack: Vec<FuncId>,
}

impl Dump<'_> {
    fn line(&mut self) {
        self.out.push('\n');
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
    }

    fn text(&self, name: Name) -> String {
        self.names.text(name).to_string()
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn name(&mut self, name: Name) {
        let text = self.text(name);
        self.push(&text);
    }

    fn stmts(&mut self, list: &[Stmt]) {
        for statement in list {
            self.line();
            self.stmt(statement);
        }
    }

    fn block(&mut self, list: &[Stmt]) {
        self.push("{");
        self.indent += 1;
        self.stmts(list);
        self.indent -= 1;
        if !list.is_empty() {
            self.line();
        }
        self.push("}");
    }

    fn option(&mut self, value: Option<ExprId>) {
        if let Some(value) = value {
            self.expr(value);
        }
    }

    fn stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Expr(id) => self.expr(*id),
            Stmt::Declare(target, value) => {
                self.push("let ");
                self.pat(*target);
                if let Some(value) = value {
                    self.push(" = ");
                    self.expr(*value);
                }
            }
            Stmt::Block(body) => self.block(body),
            Stmt::If(test, yes, no) => {
                self.push("if ");
                self.expr(*test);
                self.push(" ");
                self.block(yes);
                if !no.is_empty() {
                    self.push(" else ");
                    self.block(no);
                }
            }
            Stmt::Loop {
                test,
                body,
                update,
                at_least_once,
            } => {
                self.push(if *at_least_once {
                    "do-loop ("
                } else {
                    "loop ("
                });
                self.option(*test);
                self.push("; ");
                self.option(*update);
                self.push(") ");
                self.block(body);
            }
            Stmt::ForOf(target, over, body) => self.for_each("of", *target, *over, body),
            Stmt::ForIn(target, over, body) => self.for_each("in", *target, *over, body),
            Stmt::Switch(value, cases) => self.switch(*value, cases),
            Stmt::Try {
                body,
                handler,
                finalizer,
            } => {
                self.push("try ");
                self.block(body);
                if let Some((param, body)) = handler {
                    self.push(" catch ");
                    if let Some(param) = param {
                        self.pat(*param);
                        self.push(" ");
                    }
                    self.block(body);
                }
                if !finalizer.is_empty() {
                    self.push(" finally ");
                    self.block(finalizer);
                }
            }
            Stmt::Return(value, _) => {
                self.push("return ");
                self.option(*value);
            }
            Stmt::Throw(value) => {
                self.push("throw ");
                self.expr(*value);
            }
            Stmt::Break(label) => self.jump("break", *label),
            Stmt::Continue(label) => self.jump("continue", *label),
            Stmt::Labeled(label, body) => {
                self.name(*label);
                self.push(": ");
                self.block(body);
            }
            Stmt::Import { path, bindings, .. } => self.import(*path, bindings),
            Stmt::Export(name, value) => {
                self.push("export ");
                self.name(*name);
                self.push(" = ");
                self.expr(*value);
            }
            Stmt::Reexport { path, name, alias } => {
                self.push("reexport ");
                match name {
                    Some(name) => self.imported(name),
                    None => self.push("*"),
                }
                if let Some(alias) = alias {
                    self.push(" as ");
                    self.name(*alias);
                }
                let _ = write!(self.out, " from {:?}", self.names.text(*path));
            }
        }
    }

    fn for_each(&mut self, word: &str, target: PatId, over: ExprId, body: &[Stmt]) {
        self.push("for ");
        self.pat(target);
        let _ = write!(self.out, " {word} ");
        self.expr(over);
        self.push(" ");
        self.block(body);
    }

    fn switch(&mut self, value: ExprId, cases: &[(Option<ExprId>, Vec<Stmt>)]) {
        self.push("switch ");
        self.expr(value);
        self.push(" {");
        self.indent += 1;
        for (test, body) in cases {
            self.line();
            self.push("case ");
            match test {
                Some(test) => self.expr(*test),
                None => self.push("default"),
            }
            self.push(" ");
            self.block(body);
        }
        self.indent -= 1;
        self.line();
        self.push("}");
    }

    fn jump(&mut self, word: &str, label: Option<Name>) {
        self.push(word);
        if let Some(label) = label {
            self.push(" ");
            self.name(label);
        }
    }

    fn imported(&mut self, how: &Imported) {
        match how {
            Imported::Namespace => self.push("*"),
            Imported::Default => self.push("default"),
            Imported::Named(name) => self.name(*name),
        }
    }

    fn import(&mut self, path: Name, bindings: &[(Imported, Var)]) {
        let _ = write!(self.out, "import {:?}", self.names.text(path));
        for (how, var) in bindings {
            self.push(" ");
            self.imported(how);
            self.push(" as ");
            self.var(*var);
        }
    }

    fn var(&mut self, var: Var) {
        let (up, slot) = match var {
            Var::Free(name) => return self.name(name),
            Var::Local(slot) => (0, slot),
            Var::Up(up, slot) => (up as usize, slot),
        };
        let func = self
            .stack
            .len()
            .checked_sub(up + 1)
            .map(|i| self.stack[i] as usize);
        let name = func.and_then(|f| self.unit.funcs[f].slots.get(slot as usize).copied());
        let text = name.map_or("!missing".to_owned(), |n| self.text(n));
        let _ = match up {
            0 => write!(self.out, "{text}.{slot}"),
            _ => write!(self.out, "{text}^{up}.{slot}"),
        };
    }

    fn key(&mut self, key: &Key) {
        match key {
            Key::Name(name) => self.name(*name),
            Key::Private(name) => {
                self.push("#");
                self.name(*name);
            }
            Key::Computed(id) => {
                self.push("[");
                self.expr(*id);
                self.push("]");
            }
        }
    }

    fn list(&mut self, ids: &[ExprId]) {
        for (i, &id) in ids.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.expr(id);
        }
    }

    fn items(&mut self, items: &[Item]) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            match item {
                Item::One(id) => self.expr(*id),
                Item::Spread(id) => {
                    self.push("...");
                    self.expr(*id);
                }
                Item::Hole => self.push("<hole>"),
            }
        }
    }

    fn props(&mut self, props: &[Prop]) {
        for (i, prop) in props.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            match prop {
                Prop::Value(key, value, _) => self.prop("", key, *value),
                Prop::Getter(key, value, _) => self.prop("get ", key, *value),
                Prop::Setter(key, value, _) => self.prop("set ", key, *value),
                Prop::Spread(value, _) => {
                    self.push("...");
                    self.expr(*value);
                }
            }
        }
    }

    fn prop(&mut self, word: &str, key: &Key, value: ExprId) {
        self.push(word);
        self.key(key);
        self.push(": ");
        self.expr(value);
    }

    fn expr(&mut self, id: ExprId) {
        let unit = self.unit;
        match &unit.exprs[id as usize].kind {
            Expr::Undefined => self.push("undefined"),
            Expr::Null => self.push("null"),
            Expr::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Expr::Num(name) | Expr::Regex(name) => self.name(*name),
            Expr::Str(name) => {
                let _ = write!(self.out, "{:?}", self.names.text(*name));
            }
            Expr::Template(parts) => self.call("template", parts),
            Expr::Var(var) => self.var(*var),
            Expr::This => self.push("this"),
            Expr::Super => self.push("super"),
            Expr::Array(items) => {
                self.push("[");
                self.items(items);
                self.push("]");
            }
            Expr::Object(props) => {
                self.push("{");
                self.props(props);
                self.push("}");
            }
            Expr::Func(id) => self.func(*id),
            Expr::Child(index) => {
                let _ = write!(self.out, "child{index}");
            }
            Expr::Class(id) => self.class(*id),
            Expr::Member {
                object,
                key,
                optional,
                ..
            } => {
                self.expr(*object);
                self.push(if *optional { "?." } else { "." });
                self.key(key);
            }
            Expr::Call {
                callee,
                args,
                optional,
            } => {
                self.expr(*callee);
                self.push(if *optional { "?.(" } else { "(" });
                self.items(args);
                self.push(")");
            }
            Expr::New { callee, args } => {
                self.push("new ");
                self.expr(*callee);
                self.push("(");
                self.items(args);
                self.push(")");
            }
            Expr::Tagged(tagged) => {
                self.expr(tagged.tag);
                self.call("tagged", &tagged.texts);
                self.call("", &tagged.values);
            }
            Expr::Unary(op, value) => self.call(&format!("{op:?}"), &[*value]),
            Expr::Binary(op, a, b) => self.call(&format!("{op:?}"), &[*a, *b]),
            Expr::Logical(op, a, b) => self.call(&format!("{op:?}"), &[*a, *b]),
            Expr::Cond(test, yes, no) => self.call("cond", &[*test, *yes, *no]),
            Expr::Assign(target, value) => self.assign(*target, "=", *value),
            Expr::AssignBinary(target, op, value) => {
                self.assign(*target, &format!("{op:?}="), *value)
            }
            Expr::AssignLogical(target, op, value) => {
                self.assign(*target, &format!("{op:?}="), *value)
            }
            Expr::Update(target) => {
                self.push("update ");
                self.pat(*target);
            }
            Expr::Await(value) => self.call("await", &[*value]),
            Expr::Yield(value) => self.call("yield", value.as_slice()),
            Expr::Seq(parts) => self.call("seq", parts),
            Expr::DynamicImport(path) => self.call("import", &[*path]),
            Expr::Element(element) => {
                self.push("<");
                self.expr(element.tag);
                self.push(" ");
                self.props(&element.attrs);
                self.push(">[");
                self.items(&element.children);
                self.push("]");
            }
            Expr::Opaque(parts) => self.call("opaque", parts),
        }
    }

    fn call(&mut self, word: &str, parts: &[ExprId]) {
        self.push(word);
        self.push("(");
        self.list(parts);
        self.push(")");
    }

    fn assign(&mut self, target: PatId, op: &str, value: ExprId) {
        self.pat(target);
        let _ = write!(self.out, " {op} ");
        self.expr(value);
    }

    fn pat(&mut self, id: PatId) {
        let unit = self.unit;
        match &unit.pats[id as usize].kind {
            Pat::Var(var) => self.var(*var),
            Pat::Member(id) => self.expr(*id),
            Pat::Object { props, rest } => {
                self.push("{");
                for (key, target) in props {
                    self.key(key);
                    self.push(": ");
                    self.pat(*target);
                    self.push(", ");
                }
                self.rest(*rest);
                self.push("}");
            }
            Pat::Array { items, rest } => {
                self.push("[");
                for item in items {
                    match item {
                        Some(target) => self.pat(*target),
                        None => self.push("<hole>"),
                    }
                    self.push(", ");
                }
                self.rest(*rest);
                self.push("]");
            }
            Pat::Default(target, value) => {
                self.pat(*target);
                self.push(" = ");
                self.expr(*value);
            }
            Pat::Ignore => self.push("ignore"),
        }
    }

    fn rest(&mut self, rest: Option<PatId>) {
        if let Some(rest) = rest {
            self.push("...");
            self.pat(rest);
        }
    }

    fn func(&mut self, id: FuncId) {
        let func = &self.unit.funcs[id as usize];
        self.stack.push(id);
        if func.is_async {
            self.push("async ");
        }
        self.push(if func.kind == FuncKind::Arrow {
            "arrow"
        } else {
            "function"
        });
        if func.is_generator {
            self.push("*");
        }
        if let Some(name) = func.name {
            self.push(" ");
            self.name(name);
        }
        self.push("(");
        for &param in &func.params {
            self.pat(param);
            self.push(", ");
        }
        self.rest(func.rest);
        self.push(") ");
        if let Some(slot) = func.arguments {
            let _ = write!(self.out, "arguments={slot} ");
        }
        if let Some(slot) = func.self_slot {
            let _ = write!(self.out, "self={slot} ");
        }
        self.block(&func.body);
        self.stack.pop();
    }

    fn class(&mut self, id: ClassId) {
        let class = &self.unit.classes[id as usize];
        for &decorator in &class.decorators {
            self.push("@");
            self.expr(decorator);
            self.push(" ");
        }
        self.push("class");
        if let Some(name) = class.name {
            self.push(" ");
            self.name(name);
        }
        if let Some(parent) = class.parent {
            self.push(" extends ");
            self.expr(parent);
        }
        self.push(" {");
        if let Some(constructor) = class.constructor {
            self.push("new: ");
            self.expr(constructor);
        }
        for (word, list) in [
            ("methods", &class.methods),
            ("fields", &class.fields),
            ("statics", &class.statics),
        ] {
            if !list.is_empty() {
                let _ = write!(self.out, " {word}(");
                self.props(list);
                self.push(")");
            }
        }
        self.block(&class.static_blocks);
        self.push("}");
    }
}
