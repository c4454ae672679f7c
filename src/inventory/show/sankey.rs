//! The data flow as a picture: where data comes from, which data, where it goes. Inline SVG, laid out here, no script.

use super::say;
use crate::finding::Language;
use crate::flow::Protection;
use crate::inventory::{Inventory, Item, Means, Party};
use crate::report::escape::xml;
use std::collections::BTreeMap;

/// Thickness of one link.
const UNIT: f64 = 9.0;
/// Space between nodes.
const GAP: f64 = 15.0;
/// Width of a node.
const BAR: f64 = 12.0;
const WIDTH: f64 = 1000.0;
/// Left edges of the columns.
const AT: [f64; 3] = [215.0, 470.0, 760.0];
/// More nodes than this in an outer column are joined to one.
const MAX: usize = 14;
/// Width of a Latin letter of a name, about.
const LETTER: f64 = 6.9;
/// Longer names are clipped.
const LABEL: usize = 28;

/// What a node is, in the order in which nodes of a column stand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u8, String);

#[derive(Clone, Debug)]
struct Node {
    label: String,
    /// A CSS class.
    look: &'static str,
    weight: usize,
    /// Top, and height.
    y: f64,
    h: f64,
    /// How much of it is taken, on the left and on the right.
    used: [f64; 2],
}

struct Link {
    from: Key,
    class: usize,
    to_class: bool,
    look: &'static str,
    note: String,
}

/// The picture; `None` where nothing flows.
pub(super) fn svg(app: &Inventory, language: Language) -> Option<String> {
    let mut left: BTreeMap<Key, Node> = BTreeMap::new();
    let mut right: BTreeMap<Key, Node> = BTreeMap::new();
    let mut links: Vec<Link> = Vec::new();
    let items: Vec<&Item> = app.data.iter().collect();
    for (index, item) in items.iter().enumerate() {
        for (key, label, look) in sources(item, language) {
            add(
                &mut left, &mut links, index, true, key, label, look, item, language,
            );
        }
        for (key, label, look) in targets(item, language) {
            add(
                &mut right, &mut links, index, false, key, label, look, item, language,
            );
        }
    }
    if links.is_empty() {
        return None;
    }
    merge(&mut left, &mut links, true, language);
    merge(&mut right, &mut links, false, language);
    let mut middle: Vec<Node> = items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let n = |to_class| {
                links
                    .iter()
                    .filter(|l| l.class == index && l.to_class == to_class)
                    .count()
            };
            Node {
                label: clip(item.name.get(language)),
                look: look_of(item),
                weight: n(true).max(n(false)),
                y: 0.0,
                h: 0.0,
                used: [0.0; 2],
            }
        })
        .collect();
    let order = |links: &[Link], key: &Key| {
        let of: Vec<usize> = links
            .iter()
            .filter(|l| l.from == *key)
            .map(|l| l.class)
            .collect();
        of.iter().sum::<usize>() as f64 / of.len().max(1) as f64
    };
    let mut lefts: Vec<(Key, Node)> = left.into_iter().collect();
    lefts.sort_by(|a, b| order(&links, &a.0).total_cmp(&order(&links, &b.0)));
    let mut rights: Vec<(Key, Node)> = right.into_iter().collect();
    rights.sort_by(|a, b| {
        a.0.0
            .cmp(&b.0.0)
            .then(order(&links, &a.0).total_cmp(&order(&links, &b.0)))
    });
    middle.iter_mut().for_each(size);
    lefts.iter_mut().for_each(|(_, n)| size(n));
    rights.iter_mut().for_each(|(_, n)| size(n));
    let height = |nodes: &mut dyn Iterator<Item = f64>| nodes.map(|h| h + GAP).sum::<f64>();
    let tall = height(&mut middle.iter().filter(|n| n.weight > 0).map(|n| n.h))
        .max(height(&mut lefts.iter().map(|(_, n)| n.h)))
        .max(height(&mut rights.iter().map(|(_, n)| n.h)));
    stack(middle.iter_mut().filter(|n| n.weight > 0), tall);
    stack(lefts.iter_mut().map(|(_, n)| n), tall);
    stack(rights.iter_mut().map(|(_, n)| n), tall);
    Some(draw(
        &mut lefts,
        &mut middle,
        &mut rights,
        &links,
        tall,
        language,
    ))
}

fn size(node: &mut Node) {
    node.h = (node.weight as f64 * UNIT).max(UNIT);
}

/// Stacks nodes, in the middle of the height.
fn stack<'n>(nodes: impl Iterator<Item = &'n mut Node>, tall: f64) {
    let nodes: Vec<&mut Node> = nodes.collect();
    let own: f64 = nodes.iter().map(|n| n.h + GAP).sum();
    let mut y = HEAD + (tall - own) / 2.0;
    for node in nodes {
        node.y = y;
        y += node.h + GAP;
    }
}

/// Space above the picture for the columns' names.
const HEAD: f64 = 34.0;

#[allow(clippy::too_many_arguments, reason = "one node with its link")]
fn add(
    nodes: &mut BTreeMap<Key, Node>,
    links: &mut Vec<Link>,
    class: usize,
    to_class: bool,
    key: Key,
    label: String,
    look: &'static str,
    item: &Item,
    language: Language,
) {
    if links
        .iter()
        .any(|l| l.from == key && l.class == class && l.to_class == to_class)
    {
        return;
    }
    let name = item.name.get(language);
    let note = match to_class {
        true => format!("{label} → {name}"),
        false => format!("{name} → {label}"),
    };
    let node = nodes.entry(key.clone()).or_insert_with(|| Node {
        label: clip(&label),
        look,
        weight: 0,
        y: 0.0,
        h: 0.0,
        used: [0.0; 2],
    });
    node.weight += 1;
    links.push(Link {
        from: key,
        class,
        to_class,
        look: if to_class { look_of(item) } else { look },
        note,
    });
}

fn look_of(item: &Item) -> &'static str {
    match item.level {
        "high" => "high",
        "credential" => "cred",
        "medium" => "med",
        _ => "low",
    }
}

fn sources(item: &Item, language: Language) -> Vec<(Key, String, &'static str)> {
    let ways = item.collected.iter();
    ways.map(|way| match way.by {
        Means::Api => {
            // Of a button, what it hands out.
            let name = super::bare(&way.name).to_string();
            (Key(0, name.clone()), name, "src")
        }
        Means::Control => {
            let page = way.pages.first();
            let page = page.map(|p| {
                if p.title.is_empty() {
                    p.route.to_string()
                } else {
                    p.title.to_string()
                }
            });
            let typed = say(language, "node-typed", &[]);
            match page {
                Some(page) => (Key(1, page.clone()), format!("{typed}: {page}"), "src"),
                None => (Key(1, String::new()), typed, "src"),
            }
        }
        Means::Received => (
            Key(2, String::new()),
            say(language, "node-received", &[]),
            "back",
        ),
    })
    .collect()
}

fn targets(item: &Item, language: Language) -> Vec<(Key, String, &'static str)> {
    let mut out = Vec::new();
    for sent in &item.sent {
        let (rank, look) = match sent.party {
            Party::Third => (0, "third"),
            Party::Unknown => (2, "open"),
            Party::Platform => (3, "open"),
            Party::First => (4, "own"),
        };
        let look = if super::is_clear(&sent.scheme) {
            "third"
        } else {
            look
        };
        let label = match sent.to.is_empty() {
            true if &*sent.how == "network" => say(language, "unknown-address", &[]),
            true => say(language, &format!("how-{}", sent.how), &[]),
            false => sent.to.to_string(),
        };
        out.push((Key(rank, label.clone()), label, look));
    }
    for stored in &item.stored {
        let open = stored.protection == Protection::None && &*stored.kind != "cloud-db";
        let label = say(language, &format!("in-{}", stored.kind), &[]);
        let label = match open {
            true => format!("{label} ({})", say(language, "p-none", &[])),
            false => label,
        };
        out.push((
            Key(5, label.clone()),
            label,
            if open { "third" } else { "own" },
        ));
    }
    let mut exits = |list: &[crate::inventory::Exit], rank: u8, key: &str| {
        for one in list {
            let open = one.protection == Protection::None;
            let label = say(language, key, &[]);
            let label = match open {
                true => label,
                false => format!("{label} ({})", super::protection(language, one.protection)),
            };
            let look = match (open, rank) {
                (false, _) => "own",
                (true, 1) => "third",
                _ => "open",
            };
            out.push((Key(rank, label.clone()), label, look));
        }
    };
    exits(&item.logged, 1, "node-log");
    exits(&item.shared, 6, "node-shared");
    exits(&item.shown, 7, "node-shown");
    out
}

/// Joins the smallest nodes of a column where there are too many.
fn merge(
    nodes: &mut BTreeMap<Key, Node>,
    links: &mut Vec<Link>,
    to_class: bool,
    language: Language,
) {
    if nodes.len() <= MAX {
        return;
    }
    let mut by_weight: Vec<(usize, Key)> =
        nodes.iter().map(|(k, n)| (n.weight, k.clone())).collect();
    by_weight.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let small: Vec<Key> = by_weight
        .into_iter()
        .skip(MAX - 1)
        .map(|(_, k)| k)
        .collect();
    let other = Key(9, String::new());
    for link in links
        .iter_mut()
        .filter(|l| l.to_class == to_class && small.contains(&l.from))
    {
        link.from = other.clone();
    }
    let mut seen: Vec<(Key, usize, bool)> = Vec::new();
    links.retain(|link| {
        let key = (link.from.clone(), link.class, link.to_class);
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    nodes.retain(|key, _| !small.contains(key));
    let weight = links
        .iter()
        .filter(|l| l.from == other && l.to_class == to_class)
        .count();
    let label = format!("{} ({})", say(language, "node-other", &[]), small.len());
    let node = Node {
        label,
        look: "open",
        weight,
        y: 0.0,
        h: 0.0,
        used: [0.0; 2],
    };
    nodes.insert(other, node);
}

fn clip(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if super::text::width(&out) + 2 > LABEL {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

fn draw(
    lefts: &mut [(Key, Node)],
    middle: &mut [Node],
    rights: &mut [(Key, Node)],
    links: &[Link],
    tall: f64,
    language: Language,
) -> String {
    let mut out = format!(
        "<svg class=\"sankey\" viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{}\">\n",
        tall + HEAD + 6.0,
        xml(&say(language, "flow-alt", &[]))
    );
    for (key, x, anchor) in [
        ("flow-from", AT[0] + BAR, "end"),
        ("flow-class", AT[1], "start"),
        ("flow-to", AT[2], "start"),
    ] {
        out.push_str(&format!(
            "<text class=\"head\" x=\"{x}\" y=\"16\" text-anchor=\"{anchor}\">{}</text>\n",
            xml(&say(language, key, &[]))
        ));
    }
    // In the order of their ends, so that ribbons do not cross at a node.
    for (key, node) in lefts.iter_mut() {
        for (index, class) in middle.iter_mut().enumerate() {
            let of = |l: &&Link| l.to_class && l.from == *key && l.class == index;
            for link in links.iter().filter(of) {
                let from = (AT[0] + BAR, take(node, 1));
                let to = (AT[1], take(class, 0));
                out.push_str(&ribbon(from, to, link));
            }
        }
    }
    for (index, class) in middle.iter_mut().enumerate() {
        for (key, node) in rights.iter_mut() {
            let of = |l: &&Link| !l.to_class && l.from == *key && l.class == index;
            for link in links.iter().filter(of) {
                let from = (AT[1] + BAR, take(class, 1));
                let to = (AT[2], take(node, 0));
                out.push_str(&ribbon(from, to, link));
            }
        }
    }
    for (_, node) in lefts.iter() {
        out.push_str(&bar(node, AT[0], AT[0] - 8.0, "end"));
    }
    for node in middle.iter().filter(|n| n.weight > 0) {
        out.push_str(&bar(node, AT[1], AT[1] + BAR + 8.0, "start"));
    }
    for (_, node) in rights.iter() {
        out.push_str(&bar(node, AT[2], AT[2] + BAR + 8.0, "start"));
    }
    out.push_str("</svg>\n");
    out
}

/// The next free piece of a side of a node: its middle.
fn take(node: &mut Node, side: usize) -> f64 {
    let y = node.y + node.used[side] + UNIT / 2.0;
    node.used[side] += UNIT;
    y
}

fn ribbon((x0, y0): (f64, f64), (x1, y1): (f64, f64), link: &Link) -> String {
    let middle = (x0 + x1) / 2.0;
    format!(
        "<path class=\"link {}\" d=\"M{x0:.1} {y0:.1}C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}\"><title>{}</title></path>\n",
        link.look,
        xml(&link.note)
    )
}

fn bar(node: &Node, x: f64, text: f64, anchor: &str) -> String {
    let middle = node.y + node.h / 2.0;
    // Links run behind the names of the middle column.
    let behind = match anchor {
        "start" => format!(
            "<rect class=\"behind\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"18\" rx=\"4\"/>",
            text - 4.0,
            middle - 9.0,
            super::text::width(&node.label) as f64 * LETTER + 8.0,
        ),
        _ => String::new(),
    };
    format!(
        "<rect class=\"node {}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{BAR}\" height=\"{:.1}\" rx=\"2\"/>{behind}<text x=\"{text:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
        node.look,
        node.y,
        node.h,
        middle + 4.5,
        xml(&node.label)
    )
}
