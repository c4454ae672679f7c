--- `:checkhealth minivet`

local M = {}

local health = vim.health or require('health')
local ok = health.ok or health.report_ok
local warn = health.warn or health.report_warn
local fail = health.error or health.report_error
local begin = health.start or health.report_start

local function command()
  if vim.lsp.config then
    local config = vim.lsp.config['minivet']
    if config and type(config.cmd) == 'table' then
      return config.cmd[1]
    end
  end
  return require('minivet').options.cmd[1]
end

function M.check()
  begin('minivet')
  if vim.fn.has('nvim-0.11') == 1 then
    ok('Neovim has vim.lsp.enable()')
  elseif vim.fn.has('nvim-0.7') == 1 then
    ok("Neovim is older than 0.11: use require('minivet').setup()")
  else
    fail('Neovim 0.7 or later is needed')
  end
  local program = command()
  if vim.fn.executable(program) == 1 then
    ok(program .. ': ' .. vim.trim(vim.fn.system({ program, '--version' })))
  else
    fail(program .. ' is not a program that can be run', { 'cargo install --path . in the minivet repository', 'or set cmd to its path' })
  end
  local n = #require('minivet').clients()
  if n > 0 then
    ok(n .. ' client(s) running')
  else
    warn('no client is running (open a file of a mini program)')
  end
end

return M
