//! Modules: loading, imports and exports.
//!
//! Part of the engine; touches nothing but its state.

use super::engine::{Activation, Cx, Engine, Site, hash_of};
use super::value::{Atom, Loc, Value};
use crate::facts::ir::{Expr, Stmt};
use crate::facts::names::Name;

impl Engine<'_> {
    /// `require(path)`.
    pub fn require(&mut self, file: u32, path: Name) -> Value {
        match self.resolve_module(file, path) {
            Ok(target) => {
                self.run_module(target);
                self.exports_of(target)
            }
            Err(value) => value,
        }
    }

    /// `import * as x from path`.
    pub fn import_all(&mut self, file: u32, path: Name) -> Value {
        self.require(file, path)
    }

    /// `import {name} from path`.
    pub fn import(&mut self, file: u32, path: Name, name: Name) -> Value {
        match self.resolve_module(file, path) {
            Ok(target) => {
                self.run_module(target);
                let exports = self.exports_of(target);
                let at = Loc::start(file);
                let site = Site {
                    at,
                    key: hash_of(("import", target, name.0)),
                };
                if name == self.k.default {
                    // A CommonJS module is its own default export.
                    let mut out = Value::none();
                    for atom in exports.iter() {
                        let Atom::Obj(id) = atom else {
                            out.push(atom);
                            continue;
                        };
                        let cell = self.st.cell(id);
                        if cell.props.get(name).is_some() {
                            out.join(&self.read(&Value::of(atom), name, site));
                        } else {
                            out.push(atom);
                        }
                    }
                    return out;
                }
                self.read(&exports, name, site)
            }
            Err(_) => self.import_native(path, name),
        }
    }

    /// The module of a path, or what stands for one that is not in the app.
    fn resolve_module(&mut self, file: u32, path: Name) -> Result<u32, Value> {
        let known = match self.resolved.get(&(file, path)) {
            Some(known) => *known,
            None => {
                let module = self.module_at(file, path);
                self.resolved.insert((file, path), module);
                module
            }
        };
        match known {
            Some(module) => Ok(module),
            None => {
                let text = self.txt(path);
                Err(self.package(&text))
            }
        }
    }

    /// The module of the app that a path names.
    fn module_at(&mut self, file: u32, path: Name) -> Option<u32> {
        let text = self.txt(path);
        let target = self.app.resolve(&self.path(file), &text)?;
        let id = *self.file_ids.get(target)?;
        let modules = &self.file_modules[id as usize];
        // The script block of a component that exports; the last one is the set-up block.
        let is_script =
            |m: &&u32| self.modules[**m as usize].role == crate::syntax::BlockRole::Script;
        modules.iter().find(is_script).or(modules.first()).copied()
    }

    /// Runs a module's top level, once in a run of the program's start.
    pub fn run_module(&mut self, module: u32) {
        if self.loaded[module as usize] || self.running.contains(&module) {
            return;
        }
        self.loaded[module as usize] = true;
        let info = &self.modules[module as usize];
        let (unit_id, file) = (info.unit, info.file);
        let code = self.unit(unit_id);
        let unit = &code.unit;
        let frame = self.module_frame(module);
        let cx = code.cx(unit_id, frame, 0);
        let saved = std::mem::replace(&mut self.ctx, hash_of(("module", module)));
        let acts = std::mem::take(&mut self.acts);
        self.running.push(module);
        self.acts
            .push(Activation::new(unit_id, 0, Loc::start(file)));
        if let Some(func) = unit.funcs.first() {
            self.hoist(&cx, &func.body);
            self.exec(&cx, &func.body);
        }
        self.acts = acts;
        self.running.pop();
        self.ctx = saved;
    }

    /// Exports of function declarations are there before anything runs: modules may import each other.
    fn hoist(&mut self, cx: &Cx<'_>, body: &[Stmt]) {
        if !body.iter().any(|s| matches!(s, Stmt::Import { .. })) {
            return;
        }
        for stmt in body {
            if let Stmt::Declare(pat, Some(value)) = stmt
                && matches!(
                    cx.unit.exprs.get(*value as usize).map(|e| &e.kind),
                    Some(Expr::Child(_))
                )
            {
                let function = self.eval(cx, *value);
                self.assign(cx, *pat, &function);
            }
        }
        for stmt in body {
            if let Stmt::Export(name, value) = stmt
                && matches!(
                    cx.unit.exprs.get(*value as usize).map(|e| &e.kind),
                    Some(Expr::Var(_))
                )
            {
                let value = self.eval(cx, *value);
                if value.objects().next().is_some() {
                    let exports = self.exports_of(cx.module);
                    for id in exports.objects().collect::<Vec<_>>() {
                        self.put_prop(id, *name, &value, true);
                    }
                }
            }
        }
    }
}
