"""The base of the admin site: access and the base classes of pages. Each app has the pages of its models in `admin`."""
