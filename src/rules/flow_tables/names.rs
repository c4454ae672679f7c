//! Names that frameworks give to roles, life cycles and places: `queries/flow/roles.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an object of methods stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The app itself.
    App,
    /// A page.
    Page,
    /// A component (may be used as a page).
    Component,
    /// A part that pages and components mix in.
    Behavior,
    /// A page or component whose `data` is a function and whose fields lie on `this`.
    Options,
}

/// A hook whose returned object leaves the app.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareHook {
    /// The method's name.
    pub name: Arc<str>,
    /// Names of functions of frameworks that take the hook as an argument.
    #[serde(default)]
    pub functions: Vec<Arc<str>>,
    /// The field of the returned object with a promise of another such object, if there is one.
    #[serde(default)]
    pub promise: Option<Arc<str>>,
    /// Family of the sink.
    pub family: Arc<str>,
    /// Id of the sink.
    pub sink: Arc<str>,
    /// Which fields of the returned object carry data.
    pub parts: Vec<HookPart>,
}

/// A field of the returned object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookPart {
    /// The field.
    pub field: Arc<str>,
    /// The part of the sink.
    pub part: Arc<str>,
}

/// Options of a store that write its state to the device's store.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persist {
    /// Names of the options; not if they are false.
    pub keys: Vec<Arc<str>>,
    /// Names of their own options that list what is kept; without them all is.
    pub only: Vec<Arc<str>>,
    /// Where their own options have a function that writes the state as text, and one that stores it; keys joined by `.`.
    pub serialize: Vec<Arc<str>>,
    /// See `serialize`.
    pub store: Vec<Arc<str>>,
    /// Family of the sink.
    pub family: Arc<str>,
    /// Id of the sink.
    pub sink: Arc<str>,
}

/// Code that a bundler has put together.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundled {
    /// Names of the lists that chunks are put on; a last `*` stands for anything.
    pub chunks: Vec<Arc<str>>,
    /// Packages that are known by what they export.
    pub package: Vec<BundledPackage>,
}

/// A package in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledPackage {
    /// Its name.
    pub module: Arc<str>,
    /// Exports that only it has all of.
    pub has: Vec<Arc<str>>,
}

/// The names. All lists are short; look-ups are linear.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Names {
    /// Functions (and parent classes) that make an object of methods into something, by name or canonical path.
    pub define: BTreeMap<Arc<str>, Role>,
    /// Decorators of classes.
    pub decorators: BTreeMap<Arc<str>, Role>,
    /// Functions that take the class or options apart and give it back: `export default Vue.extend({…})`.
    pub transparent: Vec<Arc<str>>,
    /// Functions that return the app's object.
    pub get_app: Vec<Arc<str>>,
    /// Functions that return the open pages.
    pub get_pages: Vec<Arc<str>>,
    /// Methods that write view data: the first argument's keys are paths.
    pub set_data: Vec<Arc<str>>,
    /// Fields of pages that are the app's object.
    pub app_fields: Vec<Arc<str>>,
    /// Methods that call a function once what changed is shown, and give a promise of that time.
    pub after_update: Vec<Arc<str>>,
    /// Methods that call a function with what changes: path or function, function.
    pub watch: Vec<Arc<str>>,
    /// Methods that write one path: path, value.
    pub set_path: Vec<Arc<str>>,
    /// Methods that take a field of an object away: object, key.
    pub delete_key: Vec<Arc<str>>,
    /// Fields of a page's instance that are the view data.
    pub data_keys: Vec<Arc<str>>,
    /// Fields of the app's object that all pages share.
    pub global_data_keys: Vec<Arc<str>>,
    /// Objects of methods inside the options.
    pub methods_keys: Vec<Arc<str>>,
    /// Fields of a component's instance that are its properties.
    pub properties_fields: Vec<Arc<str>>,
    /// Objects that declare properties.
    pub properties_keys: Vec<Arc<str>>,
    /// The default value of a declared property.
    pub property_default_keys: Vec<Arc<str>>,
    /// The observer of a declared property.
    pub property_observer_keys: Vec<Arc<str>>,
    /// Objects of functions that get changed data, by its paths.
    pub observers_keys: Vec<Arc<str>>,
    /// The function inside an observer object.
    pub observer_handler_keys: Vec<Arc<str>>,
    /// Objects of functions that make view data.
    pub computed_keys: Vec<Arc<str>>,
    /// Lists of parts that are mixed in.
    pub mixins_keys: Vec<Arc<str>>,
    /// Objects of life-cycle methods.
    pub lifetimes_keys: Vec<Arc<str>>,
    /// The function that gives a component its state.
    pub setup_keys: Vec<Arc<str>>,
    /// Lists of components that a component uses.
    pub components_keys: Vec<Arc<str>>,
    /// Methods of the app that run while it starts.
    pub launch: Vec<Arc<str>>,
    /// Methods whose first parameter is the page's query.
    pub query: Vec<Arc<str>>,
    /// Fields of a page's instance that hold its query, keys joined by `.`.
    pub query_fields: Vec<Arc<str>>,
    /// Methods of the app whose first parameter holds the query of the start, and the field that does.
    pub launch_query: Vec<Arc<str>>,
    /// The field of a start's options that holds the query.
    pub query_key: Arc<str>,
    /// Methods that run while a page or component appears.
    pub entry: Vec<Arc<str>>,
    /// All other methods that the platform calls on pages, components and apps.
    pub hooks: Vec<Arc<str>>,
    /// Methods that send an event to the parent: name, detail.
    pub trigger_event: Vec<Arc<str>>,
    /// Methods of components that return another component: selector or reference.
    pub select_component: Vec<Arc<str>>,
    /// Methods of pages and components, and the type of what they return.
    pub this_returns: BTreeMap<Arc<str>, Arc<str>>,
    /// Fields of pages and components that lead to the platform or to shared objects, by canonical path.
    pub this_fields: BTreeMap<Arc<str>, Arc<str>>,
    /// Hooks whose returned object leaves the app.
    pub share_hook: Vec<ShareHook>,
    /// Options of a store that keep its state on the device, and what that is.
    pub persist: Persist,
    /// Code that a bundler has put together.
    pub bundled: Bundled,
    /// Options that hold callbacks which get the result.
    pub success: Vec<Arc<str>>,
    /// Options that hold callbacks which get an error.
    pub fail: Vec<Arc<str>>,
    /// Where an event holds what was sent or typed.
    pub detail_key: Arc<str>,
    /// Where an event holds elements.
    pub target_keys: Vec<Arc<str>>,
    /// The one of them that is the element that was touched, perhaps inside of the one that listens.
    pub bubbling_target_key: Arc<str>,
    /// Where an element holds the values of its `data-*` attributes.
    pub dataset_keys: Vec<Arc<str>>,
    /// The attribute, and the field of an element, that names the element.
    pub id_key: Arc<str>,
    /// Beginnings of attributes that become dataset values.
    pub dataset_prefixes: Vec<Arc<str>>,
    /// Where an event holds the values of `mark:*` attributes, and their beginning.
    pub mark_key: Arc<str>,
    /// Beginnings of attributes that become marks.
    pub mark_prefixes: Vec<Arc<str>>,
    /// Attributes of controls in which nothing can be typed.
    pub locked_attributes: Vec<Arc<str>>,
    /// Two-way bindings: attribute beginnings.
    pub two_way: Vec<Arc<str>>,
    /// Functions of the program's entry that the framework calls to make the app.
    pub app_factories: Vec<Arc<str>>,
    /// Life cycles of a component class that get its properties.
    pub props_hooks: Vec<Arc<str>>,
    /// Methods that read a path of the view data.
    pub get_data: Vec<Arc<str>>,
    /// Options that say what a component does with those it is related to.
    pub relations_keys: Vec<Arc<str>>,
    /// Functions in them, which get the related component.
    pub relation_hooks: Vec<Arc<str>>,
    /// Methods that give related components by their path.
    pub relation_nodes: Vec<Arc<str>>,
    /// Options with what a component gives to those inside of it.
    pub provide_keys: Vec<Arc<str>>,
    /// Options with the names of what a component takes from those around it.
    pub inject_keys: Vec<Arc<str>>,
    /// The attribute that names an element for scripts.
    pub reference_attribute: Arc<str>,
    /// The variable that stands for the event in template handlers.
    pub event_variable: Arc<str>,
    /// Fields of a navigation's options that listen to events of the opened page.
    pub navigation_events_keys: Vec<Arc<str>>,
    /// Bus of a page's own event channel.
    pub channel_bus: Arc<str>,
    /// Attributes of a control that put its text under a name in its form's event.
    pub form_name_attributes: Vec<Arc<str>>,
    /// Events of a form, whose text is an object by the names of its controls.
    pub form_events: Vec<Arc<str>>,
    /// The function a cloud function's file exports.
    pub cloud_main: Vec<Arc<str>>,
    /// Beginnings of canonical paths of the platform's cloud, which keep their meaning on a server.
    pub cloud_roots: Vec<Arc<str>>,
    /// Functions of the language that programs put their own in the place of, for devices that lack them.
    pub polyfilled: Vec<Arc<str>>,
    /// Names of the global object: `window.x` is `x`.
    pub global_objects: Vec<Arc<str>>,
    /// What is known of the program that is published, by the names of what says so.
    pub build_constants: BTreeMap<Arc<str>, Arc<str>>,
}

impl Names {
    /// Whether a method is called by the platform.
    pub fn is_hook(&self, name: &str) -> bool {
        let within = |list: &[Arc<str>]| list.iter().any(|known| **known == *name);
        within(&self.entry)
            || within(&self.launch)
            || within(&self.hooks)
            || self.share_hook(name).is_some()
    }

    /// The hook of a name whose returned object leaves the app.
    pub fn share_hook(&self, name: &str) -> Option<&ShareHook> {
        self.share_hook
            .iter()
            .find(|hook| *hook.name == *name || hook.functions.iter().any(|f| **f == *name))
    }
}
