//! Controls of templates: what is typed into them, as their attributes and labels say.
//!
//! Part of the engine; touches nothing but its state.

use super::engine::Engine;
use super::value::{Loc, Origin, Value};
use super::view::{ControlInfo, Walk};
use crate::app::PartKind;
use crate::facts::FileFacts;
use crate::finding::Confidence;
use crate::rules::classes::ClassId;
use crate::rules::vocabulary::Strength;
use crate::syntax::Attr;
use crate::text::Span;
use std::sync::Arc;

impl Engine<'_> {
    pub fn control_value(&mut self, control: u32) -> Value {
        self.sy.fresh(Origin::Control { index: control })
    }

    pub fn control(
        &mut self,
        _facts: &Arc<FileFacts>,
        file: u32,
        tag: &str,
        open: Span,
        attrs: &[Attr],
        walk: &Walk,
    ) -> u32 {
        let constants: Vec<(String, Option<Arc<str>>)> = attrs
            .iter()
            .map(|a| {
                let name = Self::attribute_name(&a.name).to_string();
                (name, a.constant().map(Arc::from))
            })
            .collect();
        let at = Loc { file, span: open };
        let control = self.make_control(at, tag, &constants, &walk.label);
        // The name of what it is bound to tells what is typed.
        if let Some(spec) = self.tables.control(tag) {
            for attr in attrs {
                let name = Self::attribute_name(&attr.name);
                let mut locked = self.tables.names().locked_attributes.iter();
                if locked.any(|l| **l == *name)
                    && matches!(attr.constant(), Some("" | "true"))
                    && let Some(info) = self.controls.get_mut(control as usize)
                {
                    info.neutral = true;
                }
                // `type="{{shown ? 'text' : 'password'}}"`: the person decides whether it is seen.
                if *name == *spec.kind && attr.constant().is_none() {
                    let kinds = self.attr_value(file, attr);
                    let masks = self.constant_names(&kinds).into_iter().any(|kind| {
                        let kind = self.txt(kind);
                        spec.masked_kinds.iter().any(|masked| **masked == *kind)
                    });
                    if let Some(info) = self.controls.get_mut(control as usize) {
                        info.masked |= masks;
                    }
                }
                let is_value = spec
                    .values
                    .iter()
                    .any(|v| **v == *name || name.starts_with(&**v));
                if is_value && let Some(name) = self.read_name(file, attr) {
                    let value = self.control_value(control);
                    self.note_alias(&value, name, None);
                    let text = self.txt(name);
                    if let Some(info) = self.controls.get_mut(control as usize) {
                        info.receiver = text;
                    }
                }
            }
        }
        control
    }

    /// A control, from its element's constant attributes and the text before it.
    pub fn make_control(
        &mut self,
        at: Loc,
        tag: &str,
        attrs: &[(String, Option<Arc<str>>)],
        label: &str,
    ) -> u32 {
        let tables = self.tables;
        let vocabulary = self.set.tables.vocabulary();
        let mut info = ControlInfo {
            at,
            name: tag.into(),
            classes: Vec::new(),
            masked: false,
            receiver: "".into(),
            told: false,
            neutral: false,
        };
        let mut add = |class: ClassId, confidence: Confidence| match info
            .classes
            .iter_mut()
            .find(|(c, _)| *c == class)
        {
            Some((_, old)) => *old = (*old).max(confidence),
            None => info.classes.push((class, confidence)),
        };
        if let Some(spec) = tables.control(tag) {
            let get = |name: &str| attrs.iter().find(|(n, _)| n == name);
            let kind = get(&spec.kind).and_then(|(_, v)| v.clone());
            info.neutral = attrs.iter().any(|(name, value)| {
                name.ends_with("type")
                    && value
                        .as_ref()
                        .is_some_and(|v| spec.neutral_kinds.iter().any(|k| **k == **v))
            });
            for label_attr in &spec.labels {
                if let Some((_, Some(text))) = get(label_attr) {
                    info.told |= vocabulary.is_told_by(text);
                    for found in vocabulary.classify_label(text) {
                        add(found.class, Confidence::High);
                    }
                }
            }
            for name_attr in spec.names.iter().filter(|_| !info.told) {
                if let Some((_, Some(text))) = get(name_attr) {
                    for found in vocabulary.classify(text, None) {
                        if found.strength == Strength::Strong && !found.sanitised {
                            add(found.class, Confidence::High);
                        }
                    }
                }
            }
            if info.classes.is_empty() && !info.told {
                for found in vocabulary.classify_label(label) {
                    let confidence = Confidence::Medium;
                    match info.classes.iter_mut().find(|(c, _)| *c == found.class) {
                        Some(_) => {}
                        None => info.classes.push((found.class, confidence)),
                    }
                }
            }
            if let Some(kind) = &kind {
                if let Some((class, confidence)) = spec.classes.get(kind) {
                    match info.classes.iter_mut().find(|(c, _)| c == class) {
                        Some((_, old)) => *old = (*old).max(*confidence),
                        None => info.classes.push((*class, *confidence)),
                    }
                }
                info.neutral |= spec.neutral_kinds.iter().any(|k| **k == **kind);
                if spec.masked_kinds.iter().any(|k| **k == **kind) {
                    info.masked = true;
                }
            }
            // A component that many pages share is told whether to mask.
            let mut pages_decide = false;
            for mask in &spec.mask_attributes {
                if let Some((_, value)) = get(mask)
                    && value.as_deref() != Some("false")
                {
                    info.masked = true;
                    pages_decide = value.is_none() && self.is_shared();
                }
            }
            if info.masked
                && !pages_decide
                && !info.told
                && let Some(password) = self.set.tables.classes().id("password")
                && !info.classes.iter().any(|(c, _)| *c == password)
                && info.classes.is_empty()
            {
                info.classes.push((password, Confidence::High));
            }
            if let Some(kind) = &kind
                && !kind.is_empty()
            {
                info.name = format!("{tag} {}=\"{kind}\"", spec.kind).into();
            }
        }
        if let Some(&control) = self.control_ids.get(&(at.file, at.span.start)) {
            // A list renders one element as many controls.
            let known = &mut self.controls[control as usize];
            known.told &= info.told;
            for (class, confidence) in info.classes {
                match known.classes.iter_mut().find(|(c, _)| *c == class) {
                    Some((_, old)) => *old = (*old).max(confidence),
                    None => known.classes.push((class, confidence)),
                }
            }
            return control;
        }
        let id = self.controls.len() as u32;
        self.controls.push(info);
        self.control_ids.insert((at.file, at.span.start), id);
        id
    }

    /// Whether the template at hand is that of a component, which several pages may use.
    fn is_shared(&self) -> bool {
        let def = self.scope.def.and_then(|def| self.defs.get(def as usize));
        let parts = def.map_or(&[][..], |def| &def.parts);
        let mut parts = parts.iter().filter_map(|&part| self.app.parts.get(part));
        parts.any(|part| part.kind == PartKind::Component)
    }
}
