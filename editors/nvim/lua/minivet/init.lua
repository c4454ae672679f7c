--- minivet for Neovim, any version from 0.7.2 on.
---
--- Neovim 0.11 and later need nothing of this: `vim.lsp.enable('minivet')` reads `lsp/minivet.lua`.
--- Older ones: `require('minivet').setup()`, which starts the server for each buffer of a mini program.

local M = {}

--- Languages that the server reads.
M.filetypes = {
  'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'vue', 'json', 'jsonc',
  'wxml', 'wxs', 'axml', 'sjs', 'ttml', 'swan', 'ksml', 'jxml', 'xhsml', 'ddml', 'mpx', 'wpy',
}

--- What marks the top folder of a mini program, best first.
M.root_markers = {
  'minivet.toml', '.minivet.toml', 'project.config.json', 'mini.project.json', 'project.swan.json', 'project.tt.json',
  'manifest.json', 'pages.json', 'app.json', 'app.mpx', 'app.wpy', 'package.json', '.git',
}

--- @class minivet.Options
--- @field cmd string[]|nil       how the server is started (default: { 'minivet', 'lsp' })
--- @field settings table|nil     keys of minivet.toml, e.g. { lang = 'zh-CN', ignore = { 'crypto' } }
--- @field filetypes string[]|nil languages to serve
--- @field on_attach function|nil called with the client and the buffer's number
--- @field capabilities table|nil capabilities of the client (e.g. of a completion plug-in)
M.options = { cmd = { 'minivet', 'lsp' }, settings = {} }

local detected = {
  wxml = 'wxml', axml = 'axml', ttml = 'ttml', swan = 'swan', ksml = 'ksml', jxml = 'jxml', xhsml = 'xhsml', ddml = 'ddml',
  wxs = 'wxs', sjs = 'sjs', mpx = 'mpx', wpy = 'wpy',
}

--- File types by extension. `.qml` is left to Qt.
function M.detect_filetypes()
  -- 0.7 has vim.filetype, but does not ask it unless told to.
  if vim.fn.has('nvim-0.8') == 1 then
    vim.filetype.add({ extension = detected })
    return
  end
  local group = vim.api.nvim_create_augroup('filetypedetect', { clear = false })
  for extension, filetype in pairs(detected) do
    vim.api.nvim_create_autocmd({ 'BufNewFile', 'BufRead' }, {
      group = group,
      pattern = '*.' .. extension,
      command = 'setfiletype ' .. filetype,
    })
  end
end

--- The top folder for a file: the nearest one up that holds the best marker.
--- @param file string
--- @return string
function M.root(file)
  local start = vim.fn.fnamemodify(file, ':p:h')
  for _, marker in ipairs(M.root_markers) do
    local folder = start
    while true do
      local path = folder .. '/' .. marker
      if vim.fn.filereadable(path) == 1 or vim.fn.isdirectory(path) == 1 then
        return folder
      end
      local parent = vim.fn.fnamemodify(folder, ':h')
      if parent == folder then
        break
      end
      folder = parent
    end
  end
  return start
end

--- Neovim 0.7 has no `vim.lsp.start`: clients are shared by root here.
local clients = {}

local function config_for(root)
  local options = M.options
  return {
    name = 'minivet',
    cmd = options.cmd,
    root_dir = root,
    init_options = options.settings,
    settings = { minivet = options.settings },
    capabilities = options.capabilities,
    on_attach = options.on_attach,
    workspace_folders = { { name = root, uri = vim.uri_from_fname(root) } },
  }
end

local function start(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  if file == '' or vim.bo[buffer].buftype ~= '' then
    return
  end
  local root = M.root(file)
  if vim.lsp.start then
    vim.api.nvim_buf_call(buffer, function()
      vim.lsp.start(config_for(root))
    end)
    return
  end
  local id = clients[root]
  if id == nil or vim.lsp.get_client_by_id(id) == nil then
    id = vim.lsp.start_client(config_for(root))
    clients[root] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

--- All running clients.
function M.clients()
  local found = {}
  local all = vim.lsp.get_clients and vim.lsp.get_clients({ name = 'minivet' }) or vim.lsp.get_active_clients()
  for _, client in pairs(all) do
    if client.name == 'minivet' then
      table.insert(found, client)
    end
  end
  return found
end

--- Stops the server and starts it again for all loaded buffers.
function M.restart()
  for _, client in ipairs(M.clients()) do
    vim.lsp.stop_client(client.id, true)
  end
  clients = {}
  vim.defer_fn(function()
    for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(buffer) and vim.tbl_contains(M.options.filetypes or M.filetypes, vim.bo[buffer].filetype) then
        start(buffer)
      end
    end
  end, 200)
end

--- Shows the privacy inventory of the current buffer's app in a new buffer.
function M.inventory()
  local client = M.clients()[1]
  if client == nil then
    vim.notify('minivet: the language server is not running', vim.log.levels.WARN)
    return
  end
  local params = { command = 'minivet.showInventory', arguments = { vim.uri_from_bufnr(0) } }
  local handler = function(failure, answer)
    local text = type(answer) == 'table' and answer.markdown or answer
    if failure or type(text) ~= 'string' then
      vim.notify('minivet: no privacy inventory' .. (failure and (': ' .. tostring(failure.message)) or ''), vim.log.levels.WARN)
      return
    end
    vim.cmd('new')
    local buffer = vim.api.nvim_get_current_buf()
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, '\n', { plain = true }))
    vim.bo[buffer].buftype = 'nofile'
    vim.bo[buffer].bufhidden = 'wipe'
    vim.bo[buffer].modifiable = false
    vim.bo[buffer].filetype = 'markdown'
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request('workspace/executeCommand', params, handler, 0)
  else
    client.request('workspace/executeCommand', params, handler, 0)
  end
end

--- File types and commands, without starting anything.
function M.commands()
  M.detect_filetypes()
  vim.api.nvim_create_user_command('MinivetRestart', M.restart, { desc = 'Restart the minivet language server' })
  vim.api.nvim_create_user_command('MinivetInventory', M.inventory, { desc = 'Show the privacy inventory' })
end

--- Starts the server for every buffer of a mini program, now and later.
--- @param options minivet.Options|nil
function M.setup(options)
  M.options = vim.tbl_extend('force', M.options, options or {})
  M.commands()
  local group = vim.api.nvim_create_augroup('minivet', { clear = true })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = M.options.filetypes or M.filetypes,
    callback = function(event)
      start(event.buf)
    end,
  })
end

return M
