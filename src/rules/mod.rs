//! Rules and tables: loads `queries/`, compiles patterns, knows names and formats. The only room that reads TOML tables.
//!
//! Pure except that it is handed file contents; knows no files of the project that is checked.
