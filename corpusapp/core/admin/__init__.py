"""The admin site: who enters, and what each of them is shown. The models' pages stand in each app's `admin`."""
