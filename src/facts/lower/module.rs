//! Imports and exports.

use super::kinds::{F, K};
use super::pat::Mode;
use super::stmt::Block;
use super::{Lowerer, each, expr};
use crate::facts::ir::{Expr, ExprId, Imported, Item, Key, Pat, Stmt, Var};
use crate::facts::names::Name;
use crate::text::Span;

impl Lowerer<'_, '_> {
    /// A name in an import or export clause; strings are allowed.
    fn module_name(&self) -> Name {
        if self.kind() == K::String {
            self.string_value()
        } else {
            self.name_here()
        }
    }

    fn imported(&self, name: Name) -> Imported {
        if name == self.known.default {
            Imported::Default
        } else {
            Imported::Named(name)
        }
    }

    fn import_binding(&mut self, how: Imported, local: Name, bindings: &mut Vec<(Imported, Var)>) {
        let var = self.b.declare(local, false);
        bindings.push((how, var));
    }

    /// `import …`.
    #[inline(never)]
    pub(super) fn import(&mut self, out: &mut Block) {
        let mut bindings = Vec::new();
        let (mut path, mut is_type) = (None, false);
        each!(self, {
            match (self.field(), self.kind()) {
                (_, K::TypeToken | K::TypeofToken) => is_type = true,
                (F::Source, _) => path = Some((self.string_value(), self.span())),
                (_, K::ImportClause) if !is_type => self.import_clause(&mut bindings),
                (_, K::ImportRequire) if !is_type => self.import_require(out),
                _ => self.stray(),
            }
        });
        if let (Some((path, path_span)), false) = (path, is_type) {
            out.rest.push(Stmt::Import {
                path,
                path_span,
                bindings,
            });
        }
    }

    fn import_clause(&mut self, bindings: &mut Vec<(Imported, Var)>) {
        each!(self, {
            match self.kind() {
                K::Identifier => {
                    let local = self.name_here();
                    self.import_binding(Imported::Default, local, bindings);
                }
                K::NamespaceImport => each!(self, {
                    if self.kind() == K::Identifier {
                        let local = self.name_here();
                        self.import_binding(Imported::Namespace, local, bindings);
                    }
                }),
                K::NamedImports => each!(self, {
                    if self.kind() == K::ImportSpecifier {
                        self.import_specifier(bindings);
                    } else {
                        self.stray();
                    }
                }),
                _ => self.stray(),
            }
        });
    }

    fn import_specifier(&mut self, bindings: &mut Vec<(Imported, Var)>) {
        let (name, alias, is_type) = self.specifier();
        if let (Some(name), false) = (name, is_type) {
            let how = self.imported(name);
            self.import_binding(how, alias.unwrap_or(name), bindings);
        }
    }

    /// Name, alias, and whether it is a type.
    fn specifier(&mut self) -> (Option<Name>, Option<Name>, bool) {
        let (mut name, mut alias, mut is_type) = (None, None, false);
        each!(self, {
            match (self.field(), self.kind()) {
                (F::Name, _) => name = Some(self.module_name()),
                (F::Alias, _) => alias = Some(self.module_name()),
                (_, K::TypeToken | K::TypeofToken) => is_type = true,
                _ => {}
            }
        });
        (name, alias, is_type)
    }

    /// `import x = require('path')`: a `require` call.
    fn import_require(&mut self, out: &mut Block) {
        let span = self.span();
        let (mut target, mut path) = (None, None);
        each!(self, {
            match self.kind() {
                K::Identifier => target = Some(self.pat(Mode::Lexical)),
                K::String => path = Some(self.string()),
                _ => {}
            }
        });
        if let (Some(target), Some(path)) = (target, path) {
            let require = self.names.intern("require");
            let callee = self.b.var(require, span);
            let kind = Expr::Call {
                callee,
                args: Box::new([Item::One(path)]),
                optional: false,
            };
            let value = self.b.expr(kind, span);
            out.rest.push(Stmt::Declare(target, Some(value)));
        }
    }

    /// `import A = B.C`.
    pub(super) fn import_alias(&mut self, out: &mut Block) {
        let span = self.span();
        let (mut target, mut value) = (None, None);
        each!(self, {
            match self.kind() {
                K::Identifier if target.is_none() => target = Some(self.pat(Mode::Lexical)),
                K::Identifier | K::NestedIdentifier => {
                    let parts: Vec<Name> = self
                        .slice()
                        .split('.')
                        .map(|p| self.names.intern(p.trim()))
                        .collect();
                    value = parts.split_first().map(|(&first, rest)| {
                        let first = self.b.var(first, span);
                        rest.iter()
                            .fold(first, |object, &key| self.made_member(object, key, span))
                    });
                }
                _ => {}
            }
        });
        if let (Some(target), Some(value)) = (target, value) {
            out.rest.push(Stmt::Declare(target, Some(value)));
        }
    }

    /// `object.key`, made up.
    pub(super) fn made_member(&mut self, object: ExprId, key: Name, span: Span) -> ExprId {
        self.b.expr(
            Expr::Member {
                object,
                key: Key::Name(key),
                key_span: span,
                optional: false,
            },
            span,
        )
    }

    /// `export …`.
    #[inline(never)]
    pub(super) fn export(&mut self, out: &mut Block) {
        let mut e = ExportParts::default();
        each!(self, {
            match (self.field(), self.kind()) {
                (F::Decorator, _) => {
                    let id = self.only_expression();
                    self.decorators.push(id);
                }
                (_, K::Default) => e.is_default = true,
                (_, K::TypeToken) => e.is_type = true,
                (_, K::Star) => e.is_star = true,
                (_, K::Equals) => e.is_assignment = true,
                (F::Source, _) => e.source = Some(self.string_value()),
                (F::Declaration, _) => self.exported_declaration(e.is_default, out),
                (_, K::ExportClause) => self.export_clause(&mut e),
                (_, K::NamespaceExport) => e.namespace = self.namespace_export(),
                (_, K::FunctionSignature | K::Interface | K::TypeAlias) => {}
                (_, kind) if expr::is_expression(kind) => self.exported_value(&e, out),
                _ => self.stray(),
            }
        });
        self.decorators.clear();
        if !e.is_type {
            self.export_names(e, out);
        }
    }

    fn export_names(&mut self, e: ExportParts, out: &mut Block) {
        if let Some(path) = e.source {
            let reexport = |name, alias| Stmt::Reexport { path, name, alias };
            if let Some(alias) = e.namespace {
                out.rest
                    .push(reexport(Some(Imported::Namespace), Some(alias)));
            } else if e.is_star {
                out.rest.push(reexport(None, None));
            }
            for (name, alias, _) in e.names {
                let how = self.imported(name);
                out.rest.push(reexport(Some(how), Some(alias)));
            }
            return;
        }
        for (name, alias, span) in e.names {
            let value = self.b.var(name, span);
            out.rest.push(Stmt::Export(alias, value));
        }
    }

    fn export_clause(&mut self, e: &mut ExportParts) {
        each!(self, {
            if self.kind() == K::ExportSpecifier {
                let span = self.span();
                let (name, alias, is_type) = self.specifier();
                if let (Some(name), false) = (name, is_type) {
                    e.names.push((name, alias.unwrap_or(name), span));
                }
            } else {
                self.stray();
            }
        });
    }

    fn namespace_export(&mut self) -> Option<Name> {
        let mut alias = None;
        each!(self, {
            if matches!(self.kind(), K::Identifier | K::String | K::Default) {
                alias = Some(self.module_name());
            }
        });
        alias
    }

    /// `export default expr`, `export = expr`.
    fn exported_value(&mut self, e: &ExportParts, out: &mut Block) {
        let span = self.span();
        if e.is_assignment {
            let value = self.expr();
            let module = self.names.intern("module");
            let module = self.b.var(module, span);
            let exports = self.names.intern("exports");
            let member = self.made_member(module, exports, span);
            let target = self.b.pat(Pat::Member(member), span);
            let id = self.b.expr(Expr::Assign(target, value), span);
            out.rest.push(Stmt::Expr(id));
        } else if e.is_default {
            self.hint = Some(self.known.default);
            let value = self.expr();
            out.rest.push(Stmt::Export(self.known.default, value));
        }
    }

    /// `export const …`, `export function …`, with or without `default`.
    fn exported_declaration(&mut self, is_default: bool, out: &mut Block) {
        let span = self.span();
        let outer = self.log.replace(Vec::new());
        self.stmt(out);
        let names = std::mem::replace(&mut self.log, outer).unwrap_or_default();
        for name in names {
            let value = self.b.var(name, span);
            out.rest.push(Stmt::Export(
                if is_default { self.known.default } else { name },
                value,
            ));
            if let Some(log) = &mut self.log {
                log.push(name);
            }
        }
    }
}

#[derive(Default)]
struct ExportParts {
    is_default: bool,
    is_type: bool,
    is_star: bool,
    is_assignment: bool,
    source: Option<Name>,
    namespace: Option<Name>,
    names: Vec<(Name, Name, Span)>,
}
