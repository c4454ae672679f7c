//! Node kinds and fields of the script grammars as small enums, resolved once per grammar.
//!
//! Knows node names of tree-sitter-javascript and tree-sitter-typescript, nothing else. Lowering matches on these enums
//! instead of comparing strings.

use std::sync::LazyLock;
use tree_sitter::Language;

macro_rules! kinds {
    ($($id:ident $name:literal $named:literal),* $(,)?) => {
        /// A node kind that lowering tells apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum K {
            /// Punctuation and keywords that carry no meaning here.
            Token,
            /// A named node that lowering does not know (types, mostly).
            Other,
            /// An error node.
            Error,
            $($id),*
        }
        const KINDS: &[(&str, bool, K)] = &[$(($name, $named, K::$id)),*];
    };
}

kinds! {
    // statements
    Program "program" true, ExpressionStatement "expression_statement" true, VariableDeclaration "variable_declaration" true,
    LexicalDeclaration "lexical_declaration" true, UsingDeclaration "using_declaration" true,
    VariableDeclarator "variable_declarator" true, StatementBlock "statement_block" true, IfStatement "if_statement" true,
    ElseClause "else_clause" true, SwitchStatement "switch_statement" true, SwitchBody "switch_body" true,
    SwitchCase "switch_case" true, SwitchDefault "switch_default" true, ForStatement "for_statement" true,
    ForInStatement "for_in_statement" true, WhileStatement "while_statement" true, DoStatement "do_statement" true,
    TryStatement "try_statement" true, CatchClause "catch_clause" true, FinallyClause "finally_clause" true,
    WithStatement "with_statement" true, BreakStatement "break_statement" true, ContinueStatement "continue_statement" true,
    ReturnStatement "return_statement" true, ThrowStatement "throw_statement" true, EmptyStatement "empty_statement" true,
    LabeledStatement "labeled_statement" true, StatementIdentifier "statement_identifier" true,
    DebuggerStatement "debugger_statement" true, HashBang "hash_bang_line" true,
    // modules
    ImportStatement "import_statement" true, ImportClause "import_clause" true, NamespaceImport "namespace_import" true,
    NamedImports "named_imports" true, ImportSpecifier "import_specifier" true, ImportAttribute "import_attribute" true,
    ImportRequire "import_require_clause" true, ImportAlias "import_alias" true, ExportStatement "export_statement" true,
    ExportClause "export_clause" true, ExportSpecifier "export_specifier" true, NamespaceExport "namespace_export" true,
    // functions and classes
    FunctionDeclaration "function_declaration" true, GeneratorDeclaration "generator_function_declaration" true,
    FunctionExpression "function_expression" true, GeneratorFunction "generator_function" true,
    ArrowFunction "arrow_function" true, MethodDefinition "method_definition" true,
    FormalParameters "formal_parameters" true, RequiredParameter "required_parameter" true,
    OptionalParameter "optional_parameter" true, AccessibilityModifier "accessibility_modifier" true,
    OverrideModifier "override_modifier" true, Class "class" true, ClassDeclaration "class_declaration" true,
    AbstractClass "abstract_class_declaration" true, ClassBody "class_body" true, ClassHeritage "class_heritage" true,
    ExtendsClause "extends_clause" true, ImplementsClause "implements_clause" true, FieldDefinition "field_definition" true,
    PublicField "public_field_definition" true, ClassStaticBlock "class_static_block" true, Decorator "decorator" true,
    // expressions
    Identifier "identifier" true, Undefined "undefined" true, This "this" true, Super "super" true, Number "number" true,
    String "string" true, TemplateString "template_string" true, TemplateSubstitution "template_substitution" true,
    Regex "regex" true, True "true" true, False "false" true, Null "null" true, Object "object" true, Array "array" true,
    Pair "pair" true, SpreadElement "spread_element" true, ShorthandProperty "shorthand_property_identifier" true,
    PropertyIdentifier "property_identifier" true, PrivateProperty "private_property_identifier" true,
    ComputedName "computed_property_name" true, MetaProperty "meta_property" true, Call "call_expression" true,
    Arguments "arguments" true, New "new_expression" true, Await "await_expression" true, Yield "yield_expression" true,
    Member "member_expression" true, Subscript "subscript_expression" true, OptionalChain "optional_chain" true,
    OptionalToken "?." false, Assignment "assignment_expression" true, Augmented "augmented_assignment_expression" true,
    Ternary "ternary_expression" true, Binary "binary_expression" true, Unary "unary_expression" true,
    Update "update_expression" true, Sequence "sequence_expression" true, Parenthesized "parenthesized_expression" true,
    Import "import" true,
    // patterns
    ObjectPattern "object_pattern" true, ArrayPattern "array_pattern" true, RestPattern "rest_pattern" true,
    AssignmentPattern "assignment_pattern" true, ObjectAssignmentPattern "object_assignment_pattern" true,
    PairPattern "pair_pattern" true, ShorthandPattern "shorthand_property_identifier_pattern" true,
    // TypeScript
    AsExpression "as_expression" true, Satisfies "satisfies_expression" true, NonNull "non_null_expression" true,
    TypeAssertion "type_assertion" true, Instantiation "instantiation_expression" true, TypeArguments "type_arguments" true,
    TypeAnnotation "type_annotation" true, TypeIdentifier "type_identifier" true, EnumDeclaration "enum_declaration" true,
    EnumBody "enum_body" true, EnumAssignment "enum_assignment" true, InternalModule "internal_module" true,
    Module "module" true, NestedIdentifier "nested_identifier" true, Ambient "ambient_declaration" true,
    Interface "interface_declaration" true, TypeAlias "type_alias_declaration" true,
    FunctionSignature "function_signature" true, MethodSignature "method_signature" true,
    AbstractMethod "abstract_method_signature" true, IndexSignature "index_signature" true,
    // JSX
    JsxElement "jsx_element" true, JsxSelfClosing "jsx_self_closing_element" true, JsxOpening "jsx_opening_element" true,
    JsxClosing "jsx_closing_element" true, JsxAttribute "jsx_attribute" true, JsxExpression "jsx_expression" true,
    JsxNamespaceName "jsx_namespace_name" true, JsxText "jsx_text" true, HtmlReference "html_character_reference" true,
    // trivia
    Comment "comment" true, HtmlComment "html_comment" true,
    // tokens
    Async "async" false, Star "*" false, Get "get" false, Set "set" false, Static "static" false, StaticGet "static get" false,
    Abstract "abstract" false, Declare "declare" false, Readonly "readonly" false, TypeToken "type" false,
    TypeofToken "typeof" false, Default "default" false, Equals "=" false, As "as" false, Comma "," false,
    Bracket "[" false, Brace "{" false, Paren "(" false, Dots "..." false, Var "var" false, Let "let" false, Const "const" false,
    Of "of" false,
}

macro_rules! fields {
    ($($id:ident $name:literal),* $(,)?) => {
        /// A field that lowering tells apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum F {
            /// No field, or one without meaning here.
            None,
            $($id),*
        }
        const FIELDS: &[(&str, F)] = &[$(($name, F::$id)),*];
    };
}

fields! {
    Left "left", Right "right", Operator "operator", Argument "argument", Name "name", Value "value", Key "key",
    Property "property", Condition "condition", Consequence "consequence", Alternative "alternative", Body "body",
    Initializer "initializer", Increment "increment", Kind "kind", Parameter "parameter", Parameters "parameters",
    Constructor "constructor", Arguments "arguments", Label "label", Object "object", Handler "handler",
    Finalizer "finalizer", Source "source", Declaration "declaration", Alias "alias", Decorator "decorator", Type "type",
    TypeArguments "type_arguments", ReturnType "return_type", TypeParameters "type_parameters", Pattern "pattern",
    Attribute "attribute", OpenTag "open_tag", CloseTag "close_tag",
}

/// Kinds and fields of one grammar by id.
pub(super) struct Table {
    kinds: Vec<K>,
    fields: Vec<F>,
    /// Tells the grammars apart in reuse keys.
    pub(super) id: u8,
}

impl Table {
    fn new(language: &Language, id: u8) -> Table {
        let kind_of = |kind: u16| -> K {
            let named = language.node_kind_is_named(kind);
            let name = language.node_kind_for_id(kind).unwrap_or("");
            match KINDS
                .iter()
                .find(|(n, is_named, _)| *n == name && *is_named == named)
            {
                Some(&(_, _, k)) => k,
                None if named => K::Other,
                None => K::Token,
            }
        };
        let field_of = |field: u16| -> F {
            let name = language.field_name_for_id(field).unwrap_or("");
            FIELDS
                .iter()
                .find(|(n, _)| *n == name)
                .map_or(F::None, |&(_, f)| f)
        };
        Table {
            kinds: (0..language.node_kind_count() as u16)
                .map(kind_of)
                .collect(),
            fields: (0..=language.field_count() as u16).map(field_of).collect(),
            id,
        }
    }

    /// The kind with this id; ids out of range are error nodes.
    pub(super) fn kind(&self, id: u16) -> K {
        self.kinds.get(id as usize).copied().unwrap_or(K::Error)
    }

    /// The field with this id.
    pub(super) fn field(&self, id: u16) -> F {
        self.fields.get(id as usize).copied().unwrap_or(F::None)
    }
}

static TABLES: LazyLock<[(Language, Table); 3]> = LazyLock::new(|| {
    let table = |language: Language, id| {
        let table = Table::new(&language, id);
        (language, table)
    };
    [
        table(tree_sitter_javascript::LANGUAGE.into(), 0),
        table(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), 1),
        table(tree_sitter_typescript::LANGUAGE_TSX.into(), 2),
    ]
});

/// The table of a script grammar; trees of other languages get JavaScript's (and lower to nothing useful).
pub(super) fn table_for(language: &Language) -> &'static Table {
    let found = TABLES.iter().find(|(l, _)| l == language);
    &found.unwrap_or(&TABLES[0]).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_exists_in_a_grammar() {
        for &(name, named, kind) in KINDS {
            let known = TABLES.iter().any(|(l, _)| {
                (0..l.node_kind_count() as u16).any(|id| {
                    l.node_kind_for_id(id) == Some(name) && l.node_kind_is_named(id) == named
                })
            });
            assert!(known, "{name} ({kind:?}) is in no grammar");
        }
    }
}
