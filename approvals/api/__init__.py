"""The portal's REST API: leave requests and expense claims, by the same services as the pages."""
