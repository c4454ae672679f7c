;;; minivet.el --- Privacy and security leaks in mini programs  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))

;;; Commentary:

;; Modes for the templates and view scripts of mini programs, and the language server `minivet lsp' for eglot or lsp-mode.

;;; Code:

(defgroup minivet nil
  "Privacy and security leaks in mini programs."
  :group 'tools)

(defcustom minivet-command '("minivet" "lsp")
  "How the language server is started."
  :type '(repeat string))

(defcustom minivet-settings nil
  "Settings of the server: a property list with the keys of minivet.toml."
  :type 'plist)

;;;###autoload
(define-derived-mode minivet-markup-mode html-mode "WXML"
  "Templates of mini programs: WXML and its kin.")

;;;###autoload
(define-derived-mode minivet-script-mode js-mode "WXS"
  "View scripts of mini programs: WXS and SJS.")

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.\\(?:wxml\\|axml\\|ttml\\|swan\\|ksml\\|jxml\\|xhsml\\|ddml\\|mpx\\|wpy\\)\\'" . minivet-markup-mode))
;;;###autoload
(add-to-list 'auto-mode-alist '("\\.\\(?:wxs\\|sjs\\)\\'" . minivet-script-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               `((minivet-markup-mode minivet-script-mode js-mode js-ts-mode typescript-mode typescript-ts-mode tsx-ts-mode vue-mode json-mode json-ts-mode)
                 . ,(lambda (&rest _)
                      (append minivet-command (list :initializationOptions (or minivet-settings (make-hash-table))))))))

(declare-function lsp-register-client "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function lsp-activate-on "lsp-mode")
(defvar lsp-language-id-configuration)
(with-eval-after-load 'lsp-mode
  (add-to-list 'lsp-language-id-configuration '(minivet-markup-mode . "wxml"))
  (add-to-list 'lsp-language-id-configuration '(minivet-script-mode . "wxs"))
  (lsp-register-client
   (make-lsp-client
    :server-id 'minivet
    :new-connection (lsp-stdio-connection (lambda () minivet-command))
    :activation-fn (lsp-activate-on "wxml" "wxs" "javascript" "javascriptreact" "typescript" "typescriptreact" "vue" "json" "jsonc")
    :initialization-options (lambda () minivet-settings)
    :add-on? t
    :priority -1)))

(provide 'minivet)
;;; minivet.el ends here
