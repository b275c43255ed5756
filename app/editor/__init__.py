"""The coordinators' editor: drafts of content, their approval, publishing, versions. Pages are in `app.web.editor`."""
