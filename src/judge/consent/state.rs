//! What is true when a page opens: the initial view data of a part.

use super::elements::{Value, expression};
use crate::facts::ir::{Expr, ExprId, Func, Item, Key, Pat, Prop, Stmt, Unit, Var};
use crate::facts::names::{Name, Names};
use crate::facts::{FileFacts, Placed};
use crate::text::Span;
use std::collections::BTreeMap;

/// Paths of view data that begin as `true`, and where that is written.
pub(super) fn true_at_first(
    facts: &FileFacts,
    names: &Names,
    data_keys: &[std::sync::Arc<str>],
    refs: &[String],
) -> BTreeMap<String, Span> {
    let mut out = BTreeMap::new();
    for module in &facts.modules {
        for placed in std::iter::once(&module.top).chain(&module.children) {
            let reader = Reader::of(placed, names);
            for node in &placed.unit.exprs {
                if let Expr::Object(props) = &node.kind {
                    reader.options(props, data_keys, &module.children, &mut out);
                }
            }
            for class in &placed.unit.classes {
                reader.options(&class.fields, data_keys, &module.children, &mut out);
            }
            reader.refs(refs, &mut out);
        }
    }
    out
}

/// Paths of view data that functions which run by themselves when a page opens set to `true`, and where. Only what they do
/// without a condition and before anything else is waited for counts.
pub(super) fn true_when_shown(
    facts: &FileFacts,
    names: &Names,
    runs_by_itself: &dyn Fn(&str) -> bool,
) -> BTreeMap<String, Span> {
    let mut out = BTreeMap::new();
    for module in &facts.modules {
        for placed in std::iter::once(&module.top).chain(&module.children) {
            let unit = &*placed.unit;
            let hook =
                |name: Option<Name>| name.is_some_and(|name| runs_by_itself(&names.text(name)));
            for func in unit.funcs.iter().filter(|f| hook(f.name)) {
                Reader::of(placed, names).sets(func, &mut out);
            }
            // `onMounted(() => …)`.
            for node in &unit.exprs {
                let Expr::Call { callee, args, .. } = &node.kind else {
                    continue;
                };
                let reader = Reader::of(placed, names);
                let Some(Item::One(first)) = args.first() else {
                    continue;
                };
                let root = unit.funcs.first();
                if !root.is_some_and(|f| runs_by_itself(&reader.name_of(*callee, f))) {
                    continue;
                }
                match reader.expr(*first) {
                    Some(Expr::Func(id)) => {
                        if let Some(func) = unit.funcs.get(*id as usize) {
                            reader.sets(func, &mut out);
                        }
                    }
                    Some(Expr::Child(index)) => {
                        let child = module.children.get(*index as usize);
                        if let Some((child, func)) =
                            child.and_then(|c| Some((c, c.unit.funcs.first()?)))
                        {
                            Reader::of(child, names).sets(func, &mut out);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    out
}

struct Reader<'f> {
    placed: &'f Placed,
    unit: &'f Unit,
    names: &'f Names,
}

impl<'f> Reader<'f> {
    fn of(placed: &'f Placed, names: &'f Names) -> Reader<'f> {
        Reader {
            placed,
            unit: &placed.unit,
            names,
        }
    }

    /// `this.setData({agree: true})`, `this.agree = true`, `agree.value = true`, `setAgree(true)`.
    fn sets(&self, func: &Func, out: &mut BTreeMap<String, Span>) {
        for statement in &func.body {
            let id = match statement {
                Stmt::Expr(id) => *id,
                Stmt::Declare(..) => continue,
                _ => return,
            };
            match self.expr(id) {
                Some(Expr::Await(_)) => return,
                Some(Expr::Assign(pat, value)) if self.is_true(*value) => {
                    if let Some(Pat::Member(member)) =
                        self.unit.pats.get(*pat as usize).map(|p| &p.kind)
                        && let Value::Path(path) = expression(self.unit, self.names, *member)
                    {
                        let path = path.strip_prefix("data.").unwrap_or(&path);
                        let path = path.strip_suffix(".value").unwrap_or(path);
                        out.insert(path.to_string(), self.span(*value));
                    }
                }
                Some(Expr::Call { callee, args, .. }) => {
                    let [Item::One(first)] = args[..] else {
                        continue;
                    };
                    let name = self.name_of(*callee, func);
                    let Some(set) = name.strip_prefix("set") else {
                        continue;
                    };
                    if self.is_true(first) {
                        let mut letters = set.chars();
                        let head = letters.next().map(|c| c.to_lowercase().to_string());
                        let path = head.unwrap_or_default() + letters.as_str();
                        out.insert(path, self.span(first));
                    } else if matches!(self.expr(*callee), Some(Expr::Member { .. })) {
                        self.truths(first, "", 0, out);
                    }
                }
                _ => {}
            }
        }
    }

    fn is_true(&self, id: ExprId) -> bool {
        matches!(self.expr(id), Some(Expr::Bool(true)))
    }

    fn span(&self, id: ExprId) -> Span {
        self.unit.exprs[id as usize].span.shifted(self.placed.base)
    }

    fn expr(&self, id: ExprId) -> Option<&'f Expr> {
        self.unit.exprs.get(id as usize).map(|n| &n.kind)
    }

    /// `data: {…}`, `data() { return {…} }`.
    fn options(
        &self,
        props: &[Prop],
        data_keys: &[std::sync::Arc<str>],
        children: &'f [Placed],
        out: &mut BTreeMap<String, Span>,
    ) {
        // `data` beside an address or a key is what a call sends or stores.
        let is_call = props.iter().any(|prop| match prop {
            Prop::Value(Key::Name(key), ..) => matches!(&*self.names.text(*key), "url" | "key"),
            _ => false,
        });
        for prop in props.iter().filter(|_| !is_call) {
            let Prop::Value(Key::Name(key), value, _) = prop else {
                continue;
            };
            let key = self.names.text(*key);
            if !data_keys.contains(&key) {
                continue;
            }
            match self.expr(*value) {
                Some(Expr::Object(_)) => self.truths(*value, "", 0, out),
                Some(Expr::Child(index)) => {
                    if let Some(child) = children.get(*index as usize) {
                        Reader::of(child, self.names).returned(0, out);
                    }
                }
                Some(Expr::Func(func)) => self.returned(*func, out),
                _ => {}
            }
        }
    }

    fn returned(&self, func: u32, out: &mut BTreeMap<String, Span>) {
        let body = self.unit.funcs.get(func as usize);
        for statement in body.map_or(&[][..], |f| &f.body) {
            if let Stmt::Return(Some(id), _) = statement {
                self.truths(*id, "", 0, out);
            }
        }
    }

    fn truths(&self, object: ExprId, path: &str, depth: u32, out: &mut BTreeMap<String, Span>) {
        let Some(Expr::Object(props)) = self.expr(object) else {
            return;
        };
        for prop in props {
            let Prop::Value(Key::Name(key), value, _) = prop else {
                continue;
            };
            let key = self.names.text(*key);
            let inner = match path {
                "" => key.to_string(),
                path => format!("{path}.{key}"),
            };
            match self.expr(*value) {
                Some(Expr::Bool(true)) => {
                    let span = self.unit.exprs[*value as usize].span;
                    out.insert(inner, span.shifted(self.placed.base));
                }
                Some(Expr::Object(_)) if depth < 3 => self.truths(*value, &inner, depth + 1, out),
                _ => {}
            }
        }
    }

    /// `const agree = ref(true)`, `const [agree, setAgree] = useState(true)`.
    fn refs(&self, refs: &[String], out: &mut BTreeMap<String, Span>) {
        let mut bodies: Vec<&[Stmt]> = self.unit.funcs.iter().map(|f| &*f.body).collect();
        bodies.truncate(64);
        for (func, body) in self.unit.funcs.iter().zip(bodies) {
            for statement in body {
                let Stmt::Declare(pat, Some(value)) = statement else {
                    continue;
                };
                let Some(Expr::Call { callee, args, .. }) = self.expr(*value) else {
                    continue;
                };
                let [Item::One(first)] = args[..] else {
                    continue;
                };
                if self
                    .expr(first)
                    .is_none_or(|e| !matches!(e, Expr::Bool(true)))
                    || !refs.contains(&self.name_of(*callee, func))
                {
                    continue;
                }
                let kind = |id: u32| self.unit.pats.get(id as usize).map(|p| &p.kind);
                let var = match kind(*pat) {
                    Some(Pat::Array { items, .. }) => {
                        items.first().copied().flatten().and_then(kind)
                    }
                    other => other,
                };
                if let Some(Pat::Var(Var::Local(slot))) = var
                    && let Some(name) = func.slots.get(*slot as usize)
                {
                    let span = self.unit.exprs[first as usize].span;
                    let name = self.names.text(*name).to_string();
                    out.insert(name, span.shifted(self.placed.base));
                }
            }
        }
    }

    fn name_of(&self, id: ExprId, func: &crate::facts::ir::Func) -> String {
        match self.expr(id) {
            Some(Expr::Var(Var::Free(name))) => self.names.text(*name).to_string(),
            Some(Expr::Var(Var::Local(slot))) => func
                .slots
                .get(*slot as usize)
                .map_or(String::new(), |name| self.names.text(*name).to_string()),
            Some(Expr::Var(Var::Up(hops, slot))) => {
                let around = |f: &&Func| f.span.contains(func.span) && f.span != func.span;
                let mut outer: Vec<&Func> = self.unit.funcs.iter().filter(around).collect();
                outer.sort_by_key(|f| f.span.len());
                let owner = outer.get((*hops as usize).saturating_sub(1));
                owner
                    .and_then(|f| f.slots.get(*slot as usize))
                    .map_or(String::new(), |name| self.names.text(*name).to_string())
            }
            Some(Expr::Member {
                key: Key::Name(key),
                ..
            }) => self.names.text(*key).to_string(),
            _ => String::new(),
        }
    }
}
