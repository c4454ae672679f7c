//! The app model: configuration files, pages, components, module resolution. Pure.
