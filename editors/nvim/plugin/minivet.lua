-- File types and commands. Starting the server is the user's choice: vim.lsp.enable('minivet'), or require('minivet').setup().
if vim.g.loaded_minivet then
  return
end
vim.g.loaded_minivet = true
require('minivet').commands()
